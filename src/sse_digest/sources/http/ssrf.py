"""Which network addresses a page may be fetched from: public ones only, unless its source says otherwise.

A news page must never make this program read the inside of the network it runs in. The ranges are
those of the IANA special-purpose registries (RFC 6890), written out here because the tables in
Python's `ipaddress` differ between versions. Never connects to anything.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from sse_digest.errors import SourceError, UnknownHostError

Lookup = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""Gives the addresses a host and port may be reached at, best first, at least one; raises SourceError."""

_REFUSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a carrier's customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link local; cloud machines ask here for their secrets
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
_PUBLIC_V6 = IPv6Network("2000::/3")  # all of the global unicast space that was ever given out
_REFUSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address, and nobody needs it any more
        "3fff::/20",  # documentation
    )
)
_NO_SUCH_HOST = {socket.EAI_NONAME, socket.EAI_NODATA}
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; the last 32 bits are an IPv4 address


def is_public(address: str) -> bool:
    """Return whether an IP address in its usual notation can be reached from the whole internet.

    IPv4 addresses inside IPv6 ones (mapped, NAT64) are judged by themselves. What is not an address is
    not public.
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
    """Look `host` up and give every address it has, in the resolver's order.

    Raises:
        UnknownHostError: the name does not exist.
        SourceError: the resolver does not answer.
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
    """Look `host` up and give its addresses; refuse it if only one of them is not public.

    Raises:
        SourceError: as `any_addresses`, or an address is private, local or reserved.
    """
    addresses = await any_addresses(host, port)
    inside = [address for address in addresses if not is_public(address)]
    if inside:
        raise SourceError(
            f"{host!r} leads to {inside[0]}, which is not a public address, so nothing was fetched. "
            "If the page really is inside your network, set url to its address there and "
            "allow_private_hosts = true for this source (a command: --allow-private-hosts)."
        )
    return addresses


def addresses_at_home(home: str, port: int) -> Lookup:
    """Return a lookup that takes any address of one host, at its port, 80 and 443, and else public ones only.

    A page is asked for at a host that an admin named; where its redirects and links lead, nobody did.

    Args:
        home: the host, in lower case.
        port: at which the admin named it.
    """

    async def lookup(host: str, at: int) -> tuple[str, ...]:
        is_home = host == home and at in {port, 80, 443}
        return await (any_addresses if is_home else public_addresses)(host, at)

    return lookup
