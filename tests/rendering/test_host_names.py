"""Hosts lead where browsers lead."""

import pytest

from sse_digest.rendering.host_names import ascii_host, ascii_netloc
from sse_digest.rendering.sanitize_text import web_link


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("www.example.org", "www.example.org"),
        ("straße.example", "xn--strae-oqa.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("例え.example", "xn--r8jz45g.example"),
    ],
)
def test_a_host_is_named_as_browsers_do(host: str, written: str) -> None:
    assert ascii_host(host) == written
    assert ascii_netloc(f"{host}:8080") == f"{written}:8080"
    assert web_link(f"https://{host}/a") == f"https://{written}/a"


@pytest.mark.parametrize("host", ["a\u200bb ü.example", "ü..example", "\u2066ü.example "])
def test_a_name_that_nobody_can_register_is_no_link(host: str) -> None:
    assert web_link(f"https://{host}/") is None or "xn--" in (web_link(f"https://{host}/") or "")


def test_a_host_may_have_an_underscore() -> None:
    assert web_link("https://my_host.example.org/x") == "https://my_host.example.org/x"
