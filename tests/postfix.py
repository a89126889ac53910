"""A private Postfix on loopback: own configuration, queue and port; all it relays goes to one server.

It logs where the system logs, if that listens. Its own logging service (maillog_file) sometimes takes nothing
more, and all its other programs then wait for that without end.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

SEARCH = "/usr/sbin:/usr/bin:/sbin:/bin"
PATIENCE_S = 20.0
STOCK = Path("/etc/postfix/master.cf.proto")
MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
myhostname = relay.example
mydestination =
inet_interfaces = {address}
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
local_transport = error:no local mail
default_transport = smtp:[127.0.0.1]:{remote}
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_tls_security_level = none
smtputf8_enable = no
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
maximal_queue_lifetime = 1d
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
"""


def why_not() -> str | None:
    """Return what is missing for a private Postfix, or None."""
    if shutil.which("postfix", path=SEARCH) is None or not STOCK.exists():
        return "Postfix"
    return None if os.geteuid() == 0 else "Postfix and the rights of root, which it insists on"


class Running(NamedTuple):
    """One that runs."""

    port: int
    root: Path  # all its files lie below


@contextlib.contextmanager
def postfix(
    remote: int, settings: Mapping[str, str], tables: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run one; return its port. All mail it takes goes to the port `remote`.

    Args:
        remote: where what it takes goes.
        settings: further lines of main.cf; {root}/NAME is a table of `tables`.
        tables: their texts by name.
    """
    with private_postfix(settings, tables or {}, remote=remote) as running:
        yield running.port


@contextlib.contextmanager
def private_postfix(
    settings: Mapping[str, str],
    tables: Mapping[str, str],
    *,
    remote: int = 25,
    address: str = "127.0.0.1",
) -> Iterator[Running]:
    """Run one on an address of this machine; see `postfix`."""
    root = Path(tempfile.mkdtemp(prefix="sse-postfix-", dir="/tmp"))  # its own users must reach it
    root.chmod(0o755)
    try:
        port = _free_port(address)
        _configure(root, f"{address}:{port}", settings, tables)
        _fill_in(root, address=address, remote=str(remote))
        command = [shutil.which("postfix", path=SEARCH) or "postfix", "-c", str(root / "etc")]
        try:
            _start(command, (address, port))
            yield Running(port, root)
        finally:
            _stop(command, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _configure(root: Path, place: str, settings: Mapping[str, str], tables: Mapping[str, str]) -> None:
    for name in ("etc", "queue", "data"):
        (root / name).mkdir()
    shutil.chown(root / "data", "postfix")
    for name, text in tables.items():
        (root / name).write_text(text)
    more = "".join(f"{key} = {value}\n" for key, value in settings.items())
    (root / "etc" / "main.cf").write_text(MAIN + more)
    services = re.sub(r"(?m)^smtp(\s+inet)", rf"{place}\1", STOCK.read_text(), count=1)
    # The fifth column says whether a service runs in a jail, for which nothing is prepared here.
    services = re.sub(r"(?m)^(\S+\s+\w+\s+[-yn]\s+[-yn]\s+)[-y](\s)", r"\1n\2", services)
    (root / "etc" / "master.cf").write_text(services)


def _fill_in(root: Path, **values: str) -> None:
    file = root / "etc" / "main.cf"
    text = file.read_text().replace("{root}", str(root))
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    file.write_text(text)


def _free_port(address: str) -> int:
    with socket.socket() as free:
        free.bind((address, 0))
        return int(free.getsockname()[1])


def _start(command: Sequence[str], place: tuple[str, int]) -> None:
    _run(command, "start")
    if not _greets(place):
        check = subprocess.run([*command, "check"], capture_output=True, text=True, check=False)
        raise AssertionError(f"Postfix does not greet at {place}. It says: {check.stderr or 'nothing'}")


def _run(command: Sequence[str], verb: str) -> None:
    # Not into a pipe: its programs would keep that open.
    subprocess.run(
        [*command, verb],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=PATIENCE_S,
    )


def _greets(place: tuple[str, int]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(place, timeout=PATIENCE_S) as client,
        ):
            if client.recv(4) == b"220 ":
                client.sendall(b"QUIT\r\n")
                return True
        time.sleep(0.05)
    return False


def _stop(command: Sequence[str], root: Path) -> None:
    """Stop it; where it does not end, all of it is killed."""
    try:
        _run(command, "stop")
    except subprocess.TimeoutExpired:
        master = root / "queue" / "pid" / "master.pid"
        with contextlib.suppress(OSError, ValueError):  # it has ended meanwhile
            os.killpg(int(master.read_text()), signal.SIGKILL)
