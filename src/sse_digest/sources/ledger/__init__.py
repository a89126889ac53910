"""Taking a reading into the store.

`ingest` is the entry: it loads what is known, lets `ingest_plan` decide, and writes the plan. That asks
`matching` (which stored item a read one is), `revision` (what changed) and `presence` (who is gone);
`drift` refuses a page whose layout changed. `review` lists what an editor should look at. Effects: the
database, through `store`, in `ingest` only.
"""
