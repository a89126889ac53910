"""An editor's Markdown becomes harmless HTML, and text with the same links."""

import re

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.rendering.markdown import problem_of, tidy, to_html, to_text

WORDS = """* ** _ [ ](https://a.example/x) ](javascript:x) <script> <b~onclick=x> -~ 1.~ &lt; \\ ` #~ >~ ![
word مرحبا <!-- " ' ] ( ) ~~"""
PIECES = st.lists(st.sampled_from([*re.split(r"\s", WORDS), "\n", "\n\n"]), max_size=30).map(
    lambda pieces: "".join(pieces).replace("~", " ")
)


def test_paragraphs_lists_emphasis_and_links_are_kept() -> None:
    source = "Dear *all*,\nsee **[our report](https://news.example.org/report)**.\n\n- one\n- two\n"

    assert to_html(tidy(source)) == (
        "<p>Dear <em>all</em>,\nsee <strong>"
        '<a href="https://news.example.org/report">our report</a></strong>.</p>\n'
        "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
    )
    assert to_text(tidy(source), 72) == (
        "Dear all, see our report.\nhttps://news.example.org/report\n\n* one\n* two"
    )


def test_a_list_stands_close_together_unless_it_was_written_apart_or_holds_a_link() -> None:
    source = "- one\n- [two](https://a.example)\n  1. inner\n  2. last\n\nEnd\n\n- apart\n\n- from it\n"

    assert to_text(tidy(source), 72) == (
        "* one\n* two\nhttps://a.example\n\n  1. inner\n  2. last\n\nEnd\n\n* apart\n\n* from it"
    )


def test_two_blanks_at_the_end_break_a_line_and_go_where_none_follows() -> None:
    source = "Best wishes,  \r\nthe editors   \n\nAnd more  "

    assert tidy(source) == "Best wishes,  \nthe editors\n\nAnd more"
    assert to_html(tidy(source)) == "<p>Best wishes,<br>\nthe editors</p>\n<p>And more</p>\n"
    assert to_text(tidy(source), 72) == "Best wishes,\nthe editors\n\nAnd more"


def test_text_is_broken_at_the_columns_with_lists_hanging() -> None:
    source = "1. " + "word " * 8 + "\n   - inner\n\n3. last\\\nline"

    assert to_text(tidy(source), 20) == (
        "1. word word word\n  word word word\n  word word\n\n  * inner\n\n2. last line".replace(
            "last line", "last\n  line"
        )
    )


@given(PIECES)
def test_nothing_but_the_allowed_elements_and_addresses_comes_out(source: str) -> None:
    html = to_html(tidy(source))
    tree = html5lib.parseFragment(html, treebuilder="lxml", namespaceHTMLElements=False)
    elements = [element for root in tree if not isinstance(root, str) for element in root.iter()]

    assert {element.tag for element in elements} <= {"p", "br", "strong", "em", "a", "ul", "ol", "li"}
    assert {(name, value) for element in elements for name, value in element.attrib.items()} <= {
        ("href", "https://a.example/x"),
    }


@given(PIECES)
def test_html_and_text_lead_to_the_same_addresses(source: str) -> None:
    tidied = tidy(source)
    if problem_of(tidied) is None:
        text = to_text(tidied, 72)
        assert set(re.findall('href="([^"]*)"', to_html(tidied))) == set(re.findall(r"https?://[^\s]+", text))


@given(st.text())
def test_tidied_text_is_tidy(source: str) -> None:
    tidied = tidy(source)

    assert tidy(tidied) == tidied
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]|\n\n\n", tidied)
    assert to_html(tidied) == to_html(tidied)
    to_text(tidied, 72)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("see https://news.example.org", "there is a bare address in the text"),
        ("[x](http://news.example.org)", "not a plain https address"),
        ("[x](mailto:a@example.org)", "not a plain https address"),
        ("[x](https://user@news.example.org)", "not a plain https address"),
        ("[](https://news.example.org)", "has no words"),
        ("- one\n- [ ](https://news.example.org)", "has no words"),
        ("[x](javascript:alert)", "this is not a link: '](javascript:alert)'"),
        ("[x](https://news.example.org/a b)", "there is a bare address in the text"),
        ("words\n## Heading", "a heading would be printed as typed: '## Heading'"),
        ("> words", "a quotation"),
        ("```\nx = 1\n```", "a block of code"),
        ("one\n\n* * *\n\ntwo", "a horizontal rule"),
        ("| a | b |\n|---|---|", "a table"),
        ("see ![it](https://news.example.org/a.png)", "an image"),
        ("a <b>word</b>", "an HTML element"),
        ("see <https://news.example.org>", "there is a bare address in the text"),
    ],
)
def test_what_cannot_stand_in_a_mail_is_named(source: str, problem: str) -> None:
    assert problem in (problem_of(source) or "")


def test_good_markdown_has_no_problem() -> None:
    assert problem_of("[*x*](https://news.example.org/a?b=c#d) and **more**\n\n1. one") is None
    assert problem_of("1 < 2 and 3 > 2 <3, a | b, #sse, [1], -- \\![x], \\<b>, \\# no heading") is None
