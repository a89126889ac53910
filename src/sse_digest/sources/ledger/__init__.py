"""Taking a reading into the store.

`ingest` is the entry: it matches (`matching`), revises (`revision`), settles who is listed, gone or back
(`presence`), and refuses a page whose layout changed (`drift`). `review` lists what an editor should
look at. Effects: the database, through `store`.
"""
