"""How fast a feed is served to readers that already have it, compared with nginx and the same file.

`sse-digest serve` and nginx each run in one process, nginx from what `publish --host-config nginx` writes;
wrk sends requests to both in turn, on loopback.
"""

import http.client
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.output.server_config import nginx

PATH = "/feeds/all.atom"
CONNECTIONS = 32
SECONDS = 3
_MIME = "types { text/html html; }\n"


def missing() -> str:
    """Return what this machine lacks for the benchmark; empty if nothing."""
    return ", ".join(name for name in ("nginx", "wrk") if program(name) is None)


def program(name: str) -> str | None:
    """Return the path of a program, also in the folders of root's path."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def rates(config: Path, options: FeedOptions, rounds: int) -> Mapping[str, list[float]]:
    """Return responses a second in each round, for each server and kind of request."""
    found: dict[str, list[float]] = {}
    with _ours(config) as our_port, _nginx(config.parent, options) as nginx_port:
        ports = {"sse-digest serve": our_port, "nginx": nginx_port}
        for _ in range(rounds):
            for server, port in ports.items():
                etag = _etag(port)
                found.setdefault(f"{server}, 304", []).append(_ask(port, "If-None-Match: " + etag))
                found.setdefault(f"{server}, 200", []).append(_ask(port))
    return found


def _ask(port: int, *headers: str) -> float:
    wrk = program("wrk")
    assert wrk is not None
    said = [part for header in headers for part in ("-H", header)]
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *said, f"http://127.0.0.1:{port}{PATH}"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", told)
    assert rate is not None, told
    return float(rate[1])


def _etag(port: int) -> str:
    """Request once, and again with the ETag; check that the second answer is 304."""
    first = _get(port, {})
    assert first.status == 200
    etag = first.headers["etag"]
    assert _get(port, {"If-None-Match": etag}).status == 304
    return str(etag)


def _get(port: int, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", PATH, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


@contextmanager
def _ours(config: Path) -> Iterator[int]:
    port = _free_port()
    command = [sys.executable, "-m", "sse_digest", "--config", str(config), "serve", "--port", str(port)]
    with _running(command, port):
        yield port


@contextmanager
def _nginx(root: Path, options: FeedOptions) -> Iterator[int]:
    port, path = _free_port(), root / "nginx.conf"
    path.write_text(
        f"daemon off; worker_processes 1; pid {root}/nginx.pid; error_log {root}/nginx.log;\n"
        "events { worker_connections 256; }\n"
        f"http {{ access_log off; client_body_temp_path {root}/body; proxy_temp_path {root}/proxy;\n"
        f"fastcgi_temp_path {root}/fastcgi; uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;\n"
        f"server {{ listen 127.0.0.1:{port}; keepalive_requests 10000000;\n{nginx(options)}\n}} }}\n"
    )
    binary = program("nginx")
    assert binary is not None
    root.chmod(0o755)  # its worker is another user
    with _running([binary, "-c", str(path), "-p", str(root), "-e", f"{root}/nginx.log"], port):
        yield port


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            assert process.poll() is None, command
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
