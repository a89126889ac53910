"""What web servers are told: the same as our own server answers with."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sse_digest.feeds.addresses import MEDIA_TYPES
from sse_digest.feeds.hosting import HOSTS
from tests.feeds.feeds import OPTIONS

SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
HERE = replace(
    OPTIONS, folder=Path("/srv/feeds"), public_url="https://news.example.org/digest", ttl_minutes=90
)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_serves_the_folder_with_types_ages_and_packed_forms(host: str) -> None:
    text = HOSTS[host](HERE)

    assert "/srv/feeds/current" in text
    assert "/digest/feeds/" in text
    assert "max-age=5400" in text
    assert "news.example.org" in text
    assert all(kind.partition(";")[0] in text for kind in MEDIA_TYPES.values())
    assert "gzip" in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_in_a_new_address_is_read_by_the_host(host: str) -> None:
    there = 'https://young.example.org/a;b?x=$uri&y={z}&q="end";.{format}'
    moved = replace(HERE, moved_to={"all": there})

    text = HOSTS[host](moved)

    line = next(line for line in text.splitlines() if "young" in line)
    assert '"https://young.example.org/a%3Bb?x=%24uri&y=%7Bz%7D&q=%22end%22%3B.atom"' in line
    assert line.count('"') == 2


@pytest.mark.skipif(shutil.which("nginx", path=SEARCH) is None, reason="needs nginx")
def test_nginx_takes_what_it_is_told(tmp_path: Path) -> None:
    moved = replace(
        HERE, moved_to={"all": "https://young.example.org/a;b?x=$uri.{format}"}, gone=frozenset({"youth"})
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:1; {HOSTS['nginx'](moved)} }} }}\n"
    )
    nginx = shutil.which("nginx", path=SEARCH)
    assert nginx is not None
    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
