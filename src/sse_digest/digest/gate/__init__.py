"""The gate: the rules that every mail of an issue must pass before it is sent. Pure.

`check` is the entry point; `rules` lists the rules and their fixes. `header_rules`, `markup_rules`,
`contrast_rules` and `text_rules` each check one part of a mail.
"""
