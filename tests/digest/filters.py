"""Spam filters and signature checkers as receivers run them, with a DNS of our own and nothing else.

Each program runs in the foreground or once, on the loopback, in a folder of the test; none is a service.
"""

import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest

RELAY = "192.0.2.10"  # rspamd judges no local sender, so the mail comes from a documentation address
OFF = (
    "fuzzy_check",
    "rbl",
    "surbl",
    "phishing",
    "neural",
    "redis",
    "mx_check",
    "greylist",
    "ratelimit",
    "asn",
)
WAIT_S = 60


def command(name: str, package: str) -> str:
    """The path of a program, or a skip that tells which package has it."""
    path = shutil.which(name, path="/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin")
    if path is None:
        pytest.skip(f"needs {package}")
    return path


def zone(domain: str, selector: str, record: str) -> Mapping[tuple[str, str], str]:
    """What a sender publishes that is set up well: SPF, DKIM, DMARC, both names of the relay."""
    strings = " ".join(f'"{record[start : start + 250]}"' for start in range(0, len(record), 250))
    return {
        (f"{domain}.", "TXT"): f'"v=spf1 ip4:{RELAY} -all"',
        (f"{domain}.", "MX"): f"10 relay.{domain}.",
        (f"{domain}.", "A"): RELAY,
        (f"{selector}._domainkey.{domain}.", "TXT"): strings,
        (f"_dmarc.{domain}.", "TXT"): '"v=DMARC1; p=reject"',
        (f"relay.{domain}.", "A"): RELAY,
        (f"{'.'.join(reversed(RELAY.split('.')))}.in-addr.arpa.", "PTR"): f"relay.{domain}.",
    }


@contextmanager
def name_server(records: Mapping[tuple[str, str], str]) -> Iterator[int]:
    """Answer questions over UDP from `records`; return the port."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))
    listening.settimeout(0.2)
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                asked, peer = listening.recvfrom(4096)
                listening.sendto(_answer(asked, records), peer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        done.set()
        thread.join()
        listening.close()


def _answer(asked: bytes, records: Mapping[tuple[str, str], str]) -> bytes:
    query = dns.message.from_wire(asked)
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA | dns.flags.RA
    question = query.question[0]
    name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
    if (name, kind) in records:
        found = dns.rrset.from_text(question.name, 60, dns.rdataclass.IN, kind, records[name, kind])
        reply.answer.append(found)
    elif name not in {known for known, _ in records}:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()


@contextmanager
def rspamd(folder: Path, dns_port: int) -> Iterator[int]:
    """Run rspamd in the foreground with the given name server; return the port it listens on."""
    program = command("rspamd", "rspamd")
    config = Path(shutil.copytree("/etc/rspamd", folder / "conf"))
    local = config / "local.d"
    port, control = _free_port(), _free_port()
    (local / "options.inc").write_text(
        f'dns {{ nameserver = ["127.0.0.1:{dns_port}"]; timeout = 2s; retransmits = 1; }}\n'
    )
    (local / "worker-normal.inc").write_text(f'bind_socket = "127.0.0.1:{port}";\ncount = 1;\n')
    (local / "worker-controller.inc").write_text(f'bind_socket = "127.0.0.1:{control}";\n')
    (local / "logging.inc").write_text(f'type = "file";\nfilename = "{folder / "rspamd.log"}";\n')
    for name in ("worker-proxy.inc", "worker-fuzzy.inc", *(f"{module}.conf" for module in OFF)):
        (local / name).write_text("enabled = false;\n")
    for name in ("db", "run", "log"):
        (folder / name).mkdir()
    folders = {"DBDIR": "db", "RUNDIR": "run", "LOGDIR": "log", "CONFDIR": "conf", "LOCAL_CONFDIR": "conf"}
    variables = [f"--var={key}={folder / name}" for key, name in folders.items()]
    arguments = [program, "-f", "-i", "-c", str(config / "rspamd.conf"), *variables]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    pytest.fail("rspamd did not start")


def ask_rspamd(port: int, mail: Path, sender: str) -> tuple[float, set[str]]:
    """Score and symbols of a mail."""
    host = sender.rpartition("@")[2]
    done = subprocess.run(
        [
            *(command("rspamc", "rspamd"), "-h", f"127.0.0.1:{port}", "-i", RELAY, "-F", sender),
            *("--helo", f"relay.{host}", "--hostname", f"relay.{host}", "-r", "reader@example.net"),
            *("symbols", str(mail)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    score = re.search(r"Score: (-?[\d.]+)", done.stdout)
    assert score is not None, done.stdout
    return float(score[1]), set(re.findall(r"Symbol: (\w+)", done.stdout))


def ask_spamassassin(*mails: bytes) -> tuple[list[float], str]:
    """Scores of mails, judged in one process, and its report."""
    program = command("spamassassin", "spamassassin")
    # No line of ours begins as a mail of such a file does.
    box = b"".join(b"From a@example.org Mon May  1 00:00:00 2023\n" + mail + b"\n" for mail in mails)
    done = subprocess.run(
        [program, "-L", "-t", "--cf=dns_available no", "--mbox"],
        input=box.replace(b"\r\n", b"\n"),
        capture_output=True,
        check=True,
    )
    report = done.stdout.decode(errors="replace")
    scores = [float(one) for one in re.findall(r"(?m)^X-Spam-Status: \w+, score=(-?[\d.]+)", report)]
    assert len(scores) == len(mails), report
    return scores, report
