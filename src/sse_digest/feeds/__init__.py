"""Publishing: from stored items to a generation of feed documents.

Entry point: `publish`. Read `plan` (which documents there are), `ledger` and `feed_index` (all items,
sorted into feeds), `entry` and `unique_timestamps` (one item as a feed shows it), `assemble` and
`issue_archive` (whole feeds), `model` (what a feed is before it has a format), `names` (what documents
are called) and `xml_text`. `formats` writes documents, `validation` judges them, `output` writes a
generation and swaps it in. `search` finds published items; `websub` tells a hub what changed; `options`
says what publishing needs to know.

Effects: files, in `output`; one HTTP request to a hub, in `websub`.
"""
