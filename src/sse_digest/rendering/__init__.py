"""Rendering that mail, feeds and pages share.

`resources` finds the files that come with the program; `environment` makes the Jinja environment;
`design` and `palette` derive sizes and colours from the tokens and the organisation's colour;
`translations` loads the catalogues; `markdown` renders an editor's words; `host_names` (hosts in ASCII),
`sanitize_text` and `sanitize_html` clean untrusted text; `fingerprint` hashes everything in the program that
decides a document's bytes. Effects: reads those files.
"""
