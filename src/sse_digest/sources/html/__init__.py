"""Read HTML. Pure.

`dom` splits an element into pieces of text; `selectors` makes a layout from a source's CSS selectors;
`item_fields` reads one item, with `siblings`, `date_headings`, `images` and `fragments`;
`structured_data` and `json_ld` read machine-readable pages; `page_checks` checks whether a page is complete.
"""
