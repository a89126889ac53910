"""Reading the items' own pages.

`extract` says what a page tells of its item (pure); `update` reads the pages of new and changed items;
`gone_checks` asks whether items that a list lost were taken down. Effects: HTTP, through `http`; the
database, through `store`.
"""
