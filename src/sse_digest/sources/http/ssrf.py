"""Decide from which network addresses a page may be fetched: public ones, unless its source allows others.

A news page must never make this program read from the private network in which it runs. The ranges are from
the IANA special-purpose registries (RFC 6890). They are listed here because the tables in `ipaddress` differ
between versions of Python. This module only looks up names; it never connects to hosts.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from sse_digest.errors import SourceError, UnknownHostError

Lookup = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""Returns the IP addresses of a host and port, at least one, the best first; raises SourceError."""

_REFUSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a carrier's customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link local; metadata and secrets of cloud machines
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_PUBLIC_V6 = IPv6Network("2000::/3")  # all global unicast addresses that were allocated so far
_REFUSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: contains any IPv4 address, and is obsolete
        "3fff::/20",  # documentation
    )
)
_NO_SUCH_HOST = {socket.EAI_NONAME, socket.EAI_NODATA}
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; the last 32 bits are an IPv4 address


def is_public(address: str) -> bool:
    """Return whether a text is a public IP address, which is reachable from the whole internet.

    An IPv4 address inside an IPv6 address (mapped, NAT64) is checked as an IPv4 address.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        if parsed.scope_id is not None:
            return False
        inner = parsed.ipv4_mapped or (IPv4Address(int(parsed) & 0xFFFFFFFF) if parsed in _NAT64 else None)
        if inner is None:
            return parsed in _PUBLIC_V6 and not any(parsed in network for network in _REFUSED_V6)
        parsed = inner
    return not any(parsed in network for network in _REFUSED_V4)


async def any_addresses(host: str, port: int) -> tuple[str, ...]:
    """Return all IP addresses of `host`, in the resolver's order.

    Raises:
        UnknownHostError: the host does not exist.
        SourceError: the lookup failed.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # UnicodeError: a label that is too long for the DNS
        reason = getattr(error, "strerror", None) or str(error)
        unknown = isinstance(error, UnicodeError) or getattr(error, "errno", None) in _NO_SUCH_HOST
        raise (UnknownHostError if unknown else SourceError)(
            f"The host {host!r} could not be looked up ({reason}). Check the address and the connection."
        ) from error
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


async def public_addresses(host: str, port: int) -> tuple[str, ...]:
    """Return all IP addresses of `host`, in the resolver's order, if all of them are public.

    Raises:
        UnknownHostError: the host does not exist.
        SourceError: the lookup failed, or an address is private, local or reserved.
    """
    addresses = await any_addresses(host, port)
    inside = [address for address in addresses if not is_public(address)]
    if inside:
        raise SourceError(
            f"The host {host!r} leads to {inside[0]}, which is not a public address, so nothing was fetched. "
            "If the page is inside your network, set url to its address there and "
            "allow_private_hosts = true for this source (in a command: --allow-private-hosts)."
        )
    return addresses


def addresses_at_home(home: str, port: int) -> Lookup:
    """Return a lookup that allows any address of one host, and only public addresses of others.

    An admin named this host in the configuration, but not the hosts to which its redirects and links lead.
    The host may be private only at `port`, 80 and 443.

    Args:
        home: the host, in lower case.
        port: the port in the configuration.
    """

    async def lookup(host: str, at: int) -> tuple[str, ...]:
        is_home = host == home and at in {port, 80, 443}
        return await (any_addresses if is_home else public_addresses)(host, at)

    return lookup
