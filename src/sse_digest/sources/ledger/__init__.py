"""Store readings.

Entry point: `ingest`. It loads the stored items, lets `ingest_plan` decide, and writes the plan.
`ingest_plan` uses `matching` (which stored item a read item is), `revision` (what changed) and `presence`
(which items are gone). `drift` refuses a page whose layout changed. `review` lists what an editor should look
at. Effects: the database, through `store`, in `ingest` only.
"""
