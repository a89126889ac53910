"""What web servers are told: the same as our own server answers with."""

from dataclasses import replace
from pathlib import Path

import pytest

from sse_digest.feeds.addresses import MEDIA_TYPES
from sse_digest.feeds.hosting import HOSTS
from tests.feeds.feeds import OPTIONS

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
