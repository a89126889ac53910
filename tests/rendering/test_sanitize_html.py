import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from sse_digest.rendering.sanitize_html import allowed_html

BASE = "https://news.example.org/items/7"


def test_a_text_keeps_its_words_its_links_and_its_images() -> None:
    text = (
        '<h2>Part</h2><p lang="fr">A <a href="../b?c=1#d" target="_blank" class="x">link</a> and '
        '<em style="color:red">stress</em>.</p><figure><img src="/i.png" alt="A boat" width="600">'
        "<figcaption>Sea</figcaption></figure>"
    )
    assert allowed_html(text, BASE) == (
        '<h2>Part</h2><p lang="fr">A <a href="https://news.example.org/b?c=1#d">link</a> and '
        '<em>stress</em>.</p><figure><img src="https://news.example.org/i.png" alt="A boat">'
        "<figcaption>Sea</figcaption></figure>"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<p>a</p><style>p{position:fixed}</style>",
        '<img src="https://t.example/p.gif" width="1" height="1">',
        '<img src="data:image/png;base64,AAAA" alt="x">',
        '<IMG SRC="https://h.example/i.png" ONERROR=alert(1)>',
        '<a href="java\tscript:alert(1)">go</a>',
        '<a href="https://user:pass@h.example/">go</a>',
        '<iframe src="https://h.example/"></iframe>',
        '<form action="https://h.example/"><input name=q><button>Send</button></form>',
        '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
        '<p onclick="alert(1)" style="x" id="y" class="z">words</p>',
        "<math><mtext></p><img src=x onerror=alert(1)></mtext></math>",
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
        '<base href="https://evil.example/"><link rel=stylesheet href=//h.example/x.css>',
        "<!-- <p>hidden</p> --><p>seen</p>",
        '<audio src="https://h.example/a.mp3" autoplay></audio>',
    ],
)
def test_nothing_that_runs_loads_by_itself_or_counts_readers_is_let_through(hostile: str) -> None:
    tree = LexborHTMLParser(allowed_html(f"<p>before</p>{hostile}", BASE))
    assert tree.body is not None
    for node in tree.body.css("*"):
        assert node.tag not in {
            "script",
            "style",
            "iframe",
            "form",
            "input",
            "button",
            "svg",
            "audio",
            "link",
        }
        assert set(node.attributes) <= {"href", "src", "alt", "title", "colspan", "rowspan", "dir", "lang"}
        for name in ("href", "src"):
            if name in node.attributes:
                assert (node.attributes[name] or "").startswith(("https://", "http://")), hostile
    assert not tree.css('[src*="t.example"], img:not([src])')
    assert (tree.body.text() or "").startswith("before")


def test_a_text_without_words_and_images_is_none() -> None:
    assert allowed_html("<p> <br> </p><div>\u00a0</div><script>words</script>") == ""
    assert allowed_html('<p><img src="https://h.example/i.png"></p>') != ""


def test_relative_addresses_go_where_nothing_says_what_they_are_relative_to() -> None:
    assert allowed_html('<p><a href="/x">x</a><img src="i.png">y</p>') == "<p><a>x</a>y</p>"
    assert allowed_html('<p><a href="http://[bad">x</a></p>', BASE) == "<p><a>x</a></p>"


@given(st.text(alphabet=st.sampled_from("<>/=\"' aipsrchefmgb&;#x0-!\u202e\n"), max_size=80))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = allowed_html(text, BASE)
    assert allowed_html(once, BASE) == once


def test_a_percent_sign_that_begins_no_escape_becomes_one() -> None:
    text = '<a href="https://h.example/50%?q=5%+a%20b">more</a><img src="https://h.example/a%.png" alt="x">'
    done = allowed_html(text)
    assert 'href="https://h.example/50%25?q=5%25+a%20b"' in done
    assert 'src="https://h.example/a%25.png"' in done
    assert allowed_html(done) == done


def test_half_a_character_costs_only_itself() -> None:
    assert allowed_html("<p>half \ud83d smiley</p>") == "<p>half \ufffd smiley</p>"
