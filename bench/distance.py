"""Fifty milliseconds between client and server, on one machine.

`python -m bench.distance proxy PORT` is a proxy on loopback that delays every chunk by 25 ms each way; it
suits a server that sends its replies at once. A real Postfix does not, and the proxy's own acknowledgements
would distort the result: `python -m bench.distance postfix` runs one in a network namespace of its own,
joined to another one for the client by a link that delays every packet by 25 ms each way. Both print their
address and end when their input ends.
"""

import asyncio
import contextlib
import ctypes
import json
import os
import select
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path
from typing import cast

DELAY_S = 0.025  # each way
NEAR, FAR = "198.18.83.1", "198.18.83.2"  # of the addresses that benchmarks may use (RFC 2544)
NEAR_CLIENT = ("nsenter",)
TUN = Path("/dev/net/tun")
CONGESTION = Path("/proc/sys/net/ipv4/tcp_congestion_control")  # each network namespace has its own
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 1, 0x1000
_CLONE_NEWNET = 0x40000000


def why_no_link() -> str | None:
    """Return what this machine lacks for a link between two network namespaces, or None."""
    lacking = [
        name for name in ("ip", "nsenter") if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None
    ]
    if lacking:
        return f"the command {' and '.join(lacking)}"
    if os.geteuid() != 0 or not os.access(TUN, os.W_OK):
        return "the rights of root and /dev/net/tun"
    made = subprocess.run(["/usr/bin/unshare", "--net", "true"], capture_output=True, check=False)
    return "the right to make network namespaces" if made.returncode else None


class Half(asyncio.Protocol):
    """One side of a proxied connection: the other side sends later what this side receives."""

    transport: asyncio.Transport

    def __init__(self, other: "Half | None" = None) -> None:
        self.other = other
        self._early: list[bytes] = []
        self._held: deque[bytes] = deque()
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to receive."""
        transport = cast("asyncio.Transport", transport)  # uvloop's is of no asyncio class
        transport.set_write_buffer_limits(1 << 26)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Hold the data that arrived."""
        self._held.append(data)
        self._loop.call_later(DELAY_S, self._pass_on)

    def _pass_on(self) -> None:
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.write(self._held.popleft())

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the other side as well, after the data that is held."""
        del exc
        if self.other is not None:
            self._loop.call_later(DELAY_S, self.other.transport.close)


async def proxy(port: int) -> None:
    """Listen on a free port of loopback until the input ends."""
    loop = asyncio.get_running_loop()
    tasks = set()

    class Front(Half):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            task = asyncio.ensure_future(self._connect())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        async def _connect(self) -> None:
            _, self.other = await loop.create_connection(lambda: Half(self), "127.0.0.1", port)

    server = await loop.create_server(Front, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


def tunnel(name: str, own: str, other: str) -> int:
    """Make a device in a new network namespace, which this thread enters; return its descriptor."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no new network namespace")
    CONGESTION.write_text("reno")  # BBR, which a kernel may have, spreads each mail over a part of the way
    device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    ioctl(device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    for command in (
        f"ip address add {own} peer {other} dev {name}",
        f"ip link set {name} txqueuelen 10000 up",
        "ip link set lo up",
    ):
        subprocess.run(command.split(), check=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    return device


def forward(one: int, other: int) -> None:
    """Pass packets between two devices for ever, each with this delay."""
    held: dict[int, deque[tuple[float, bytes]]] = {one: deque(), other: deque()}
    ways = {one: other, other: one}
    while True:
        due = [queue[0][0] for queue in held.values() if queue]
        wait_s = max(0.0, min(due) - time.monotonic()) if due else None
        for device in select.select([one, other], [], [], wait_s)[0]:
            with contextlib.suppress(BlockingIOError):
                while True:
                    packet = os.read(device, 1 << 16)
                    held[device].append((time.monotonic() + DELAY_S, packet))
        now = time.monotonic()
        for device, queue in held.items():
            while queue and queue[0][0] <= now:
                os.write(ways[device], queue.popleft()[1])


@contextlib.contextmanager
def linked() -> Iterator[int]:
    """Make the link with this thread at its far end; return a process at the near end."""
    near = tunnel("near", NEAR, FAR)
    with subprocess.Popen(["/usr/bin/sleep", "infinity"]) as holder:
        try:
            far = tunnel("far", FAR, NEAR)
            threading.Thread(target=forward, args=(near, far), daemon=True).start()
            yield holder.pid
        finally:
            holder.terminate()


def postfix() -> None:
    """Run a Postfix at the far end until the input ends."""
    from bench.places import DISCARD  # noqa: PLC0415 # which imports this
    from tests.postfix import private_postfix  # noqa: PLC0415 # not for the proxy, which runs as a script

    with (
        linked() as near,
        private_postfix({**DISCARD, "mynetworks": f"{NEAR}/32"}, {}, address=FAR) as running,
    ):
        print(
            json.dumps({"host": FAR, "port": running.port, "root": str(running.root), "near": near}),
            flush=True,
        )
        sys.stdin.read()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["proxy", port]:
            asyncio.run(proxy(int(port)))
        case ["postfix"]:
            postfix()
        case other:
            sys.exit(f"not understood: {other}")
