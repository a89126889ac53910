"""Turn stored items into a generation of feed documents.

Entry point: `publish`. Read `plan` (which documents there are), `ledger` and `feed_index` (all items,
sorted into feeds), `entry` and `unique_timestamps` (one item as a feed shows it), `assemble` and
`issue_archive` (whole feeds), `model` (a feed before it has a format), `names` (file names and addresses)
and `xml_text`. `formats` writes documents, `validation` checks them, `output` writes a generation and swaps
it in. `search` finds published items; `websub` tells a hub what changed; `options` holds the settings that
publishing needs.

Effects: files, in `output`; HTTP requests to a hub, in `websub`.
"""
