"""Reading HTML. Pure.

`dom` gives text pieces of an element; `selectors` says where items are; `item_fields` reads
one item, with `siblings`, `date_headings`, `images` and `fragments`; `structured_data` and `json_ld`
read pages that speak to machines; `page_checks` tells whether a page is whole.
"""
