"""Read the items' own pages.

`extract` reads the fields of an item from its own page; `update` reads the pages of new and changed items;
`gone_checks` checks whether items that are missing from a list were taken down. Effects: HTTP, through
`http`; child processes, through `kinds`; the database, through `store`.
"""
