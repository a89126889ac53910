"""Values and pure rules. Standard library only; no clock, no I/O, no randomness.

News: `items`, `significant_change`, `reading_stats`. Themes: `theme_rules` (read from TOML),
`term_matcher` (find terms in a text), `themes` (decide), `theme_scores` (agreement with labelled items).
Issues: `issues`, `issue_rules` (which issue takes which item), `issue_edits`, `month_report`. People and
mail: `subscribers`, `deliveries`, `signed_tokens`. `tag_uri` has names that outlive every address.
"""
