"""What mail, feeds and pages share.

`resources` finds the files that travel with the program; `environment` is jinja's; `translations` has
every visible word by language; `markdown` renders an editor's words; `host_names` (hosts in ASCII),
`sanitize_text` and `sanitize_html` make foreign text harmless; `fingerprint` changes with whatever in
the program decides a document's bytes. Effects: reads those files.
"""
