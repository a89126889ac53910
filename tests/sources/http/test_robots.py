import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.sources.http.robots import refusing_rule, rules_for_us

HOST = "https://news.example.org"


def may(text: str | bytes, path: str) -> bool:
    data = text.encode() if isinstance(text, str) else text
    return refusing_rule(rules_for_us(data), HOST + path) is None


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/news", True),
        ("<html><body>User-agent * Disallow /</body></html>", "/news", True),
        ("User-agent: *\nDisallow: /", "/news", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: *\nDisallow:", "/news", True),
        ("User-agent: *\nDisallow: /private\nAllow: /private/news", "/private/news/1", True),
        ("User-agent: *\nAllow: /private/news\nDisallow: /private", "/private/x", False),
        ("User-agent: *\nDisallow: /page\nAllow: /page", "/page", True),
        ("User-agent: other\nDisallow: /", "/news", True),
        ("User-agent: sse-digest\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", True),
        ("User-agent: *\nDisallow: /b\nUser-agent: SSE-Digest/1.0\nDisallow: /a", "/a", False),
        ("User-agent: sse-digest\n\nUser-agent: *\nDisallow: /", "/news", False),
        ("User-agent: one\nUser-agent: sse-digest\nDisallow: /a", "/a", False),
        ("User-agent: sse-digest\nAllow: /\nUser-agent: sse-digest\nDisallow: /b", "/b", False),
        ("User-agent: sse-digest-images\nDisallow: /", "/news", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/report.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/report.pdf?x", True),
        ("User-agent: *\nDisallow: /a*b*c", "/axxbxxc/d", False),
        ("User-agent: *\nDisallow: /a*b*c$", "/abcb", True),
        ("User-agent: *\nDisallow: /a*aa$", "/aa", True),
        ("User-agent: *\nDisallow: /news$", "/news", False),
        ("User-agent: *\nDisallow: /news$", "/news/1", True),
        ("User-agent: *\nDisallow: *?sort=", "/news?sort=up", False),
        ("User-agent: *\nDisallow: /caf%c3%a9", "/café", False),
        ("User-agent: *\nDisallow: /café", "/caf%C3%A9", False),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
        ("User-agent: *\nDisallow: /%7Enews", "/~news", False),
        ("User-agent: *\nDisallow: /private", "/news/%2e%2E/private", False),
        ("User-agent: *\nDisallow: /private", "/%2e/private", False),
        ("User-agent: *\nDisallow: /private", "/../.%2e/private/1", False),
        ("User-agent: *\nDisallow: /private/", "/private/x/..", False),
        ("User-agent: *\nDisallow: /private", "/private/../news", True),
        ("User-agent: *\nDisallow: /private", "/news?from=/../private", True),
        ("User-agent: *\nDisallow: /news//old", "/news//old", False),
        ("User-agent: *\nDisallow: /a%2Ab", "/a*b", False),
        ("User-agent: *\nDisallow: /a%2ab", "/a%2Ab", False),
        ("User-agent: *\nDisallow: /a%2Ab", "/axb", True),
        ("User-agent: *\nDisallow: /a%24", "/a$", False),
        ("User-agent: *\nDisallow: /a%24", "/a", True),
        ("User-agent: *\nDisallow: /a$b", "/a%24b", False),
        ("User-agent: *\nDisallow: /a$b", "/a$b", False),
        ("User-agent: *\nDisallow: /a?q=*&r$", "/a?q=*&r", False),
        ("User-agent: * # all\r\nDisallow: /x # here\r\n", "/x", False),
        ("user-AGENT : *\rdisallow : /x\r", "/x", False),
        ("Disallow: /\nUser-agent: *\nAllow: /", "/news", True),
        ("User-agent: *\nSitemap: /s.xml\nCrawl-delay: 9\nDisallow: /x", "/x", False),
        ("User-agent: *\nDisallow: /", "", False),
        (b"\xef\xbb\xbfUser-agent: *\nDisallow: /x", "/x", False),
        (b"\xff\xfe\x00User-agent", "/x", True),
        ("User-agent: *\n" + "#" * 512_000 + "\nDisallow: /x", "/x", True),
    ],
)  # fmt: skip
def test_rules_hold_as_their_standard_says(text: str | bytes, path: str, allowed: bool) -> None:
    assert may(text, path) is allowed


def test_the_refusing_line_is_told_as_it_stands() -> None:
    rule = refusing_rule(rules_for_us(b"User-agent: *\nDisallow: /news"), HOST + "/news/1")
    assert str(rule) == "Disallow: /news"
    assert str(rules_for_us(b"User-agent: *\nAllow: /x")[0]) == "Allow: /x"


def test_a_pattern_made_to_take_for_ever_takes_no_time() -> None:
    pattern = "/" + "a*" * 5000 + "b"
    assert may(f"User-agent: *\nDisallow: {pattern}", "/" + "a" * 5000)


@given(st.binary(max_size=400), st.text(max_size=40))
def test_whatever_a_host_gives_is_an_answer(text: bytes, path: str) -> None:
    rule = refusing_rule(rules_for_us(text), f"{HOST}/{path}")
    assert rule is None or not rule.allows


def test_rules_beyond_any_number_a_host_needs_are_left_out() -> None:
    text = b"User-agent: *\n" + b"Disallow: /a\n" * 6000
    assert len(rules_for_us(text)) == 5000
