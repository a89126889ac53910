"""Writing a generation of documents and swapping it in.

`build` writes what changed, from `draft`s, next to the current generation; `manifest` remembers what was
written from which revision; `generations` is the folder and its lock; `compression` packs documents;
`redirects` has feeds that moved; `server_config` is what a web server must be told. Effects: files.
"""
