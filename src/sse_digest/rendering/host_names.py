"""Convert the names of hosts to ASCII, as browsers do."""

import idna


def ascii_host(host: str) -> str:
    """Return a host's name as A-labels (IDNA 2008 with the mapping of UTS #46); ASCII is returned unchanged.

    Python's own codec uses IDNA 2003, in which `straße.example` is a different host.

    Raises:
        ValueError: the name is not valid.
    """
    return host if host.isascii() else idna.encode(host, uts46=True, transitional=False).decode("ascii")


def ascii_netloc(netloc: str) -> str:
    """Return a host and its port, if it has one, in ASCII; raise what `ascii_host` raises."""
    if netloc.isascii():
        return netloc
    host, colon, port = netloc.partition(":")
    return f"{ascii_host(host)}{colon}{port}"
