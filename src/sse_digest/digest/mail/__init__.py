"""Turn an edition into the bytes of a mail: prepared once, then filled in for each recipient. Pure.

`message` puts a mail together; `headers` writes header lines, `encoding` encodes bodies, and `dkim` signs
the `dkim_canonical` form.
"""
