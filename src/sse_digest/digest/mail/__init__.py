"""The bytes of a mail: an edition prepared once, then filled for each recipient. Pure.

`message` puts them together; `headers` writes header lines, `encoding` bodies, `dkim` signatures over the
`dkim_canonical` form.
"""
