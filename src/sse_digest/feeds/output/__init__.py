"""Write a generation of documents and swap it in.

`draft` describes documents before they are written; `build` writes those that changed next to the current
generation; `manifest` records the revision of each document; `generations` manages the folder and its lock;
`compression` compresses documents; `redirects` handles feeds that moved or were discontinued;
`server_config` writes the configuration of a web server. Effects: files.
"""
