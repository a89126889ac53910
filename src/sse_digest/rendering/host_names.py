"""Names of hosts in ASCII, as browsers resolve them."""

import idna


def ascii_host(host: str) -> str:
    """Return a host's name as A-labels (IDNA 2008 as UTS #46 maps it); one in ASCII stays as it is.

    Python's own codec is IDNA 2003, which makes another host of `straße.example`.

    Raises:
        ValueError: it is not a name that can be registered.
    """
    return host if host.isascii() else idna.encode(host, uts46=True, transitional=False).decode("ascii")


def ascii_netloc(netloc: str) -> str:
    """Return a host with its port, if it has one, in ASCII; raises as `ascii_host`."""
    if netloc.isascii():
        return netloc
    host, colon, port = netloc.partition(":")
    return f"{ascii_host(host)}{colon}{port}"
