"""An editor's words in Markdown, as HTML for a mail and as plain text with the same links.

Paragraphs, lists, emphasis and https links only. Whatever is written, no other element, attribute or
address comes out: the HTML passes an allow-list as well.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sse_digest.rendering.cleaning import clean, web_link

_TAGS = frozenset({"p", "br", "strong", "em", "a", "ul", "ol", "li"})
_PARSER = MarkdownIt("zero").enable(["emphasis", "link", "list", "escape", "entity", "newline"])


def tidy(source: str) -> str:
    r"""Give Markdown with \n at its lines' ends and nothing invisible in it; blank around it is taken off."""
    lines = (_tidy_line(line) for line in re.split(r"\r\n|\r|\n", source))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def to_html(source: str) -> str:
    """Give the HTML of tidied Markdown; safe to put into a page as it is."""
    return nh3.clean(
        _PARSER.render(source),
        tags=set(_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"https"},
        link_rel=None,
    )


def to_text(source: str, columns: int) -> str:
    """Give plain text: paragraphs broken at `columns`, each followed by its addresses, one a line."""
    blocks: list[str] = []
    lists: list[int | None] = []  # of each open list the number of its last line; None: it has no numbers
    mark = ""
    for token in _PARSER.parse(source):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(0 if token.type.startswith("ordered") else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            last = lists[-1]
            lists[-1] = None if last is None else last + 1
            mark = "* " if last is None else f"{last + 1}. "
        elif token.type == "inline":
            rest = "  " * len(lists)
            first = "  " * (len(lists) - 1) + mark if mark else rest
            mark = ""
            blocks.append(_block(token.children or [], first, rest, columns))
    return "\n\n".join(filter(None, blocks))


def problem_of(source: str) -> str | None:
    """Say what keeps tidied Markdown from standing in a mail; None: nothing."""
    for token in _PARSER.parse(source):
        tokens = token.children or []
        words = "".join(_words(tokens))
        if re.search(r"\w://", words):
            return "an address stands among the words; write a link as [words](https://...)"
        for place, link in enumerate(tokens):
            if link.type != "link_open":
                continue
            address = str(link.attrs["href"])
            if not address.startswith("https://") or web_link(address) != address:
                return f"{address!r} is not a plain https address"
            if tokens[place + 1].type == "link_close" or not clean(tokens[place + 1].content or "x"):
                return f"the link to {address} has no words"
    return None


def _block(tokens: Sequence[Token], first: str, rest: str, columns: int) -> str:
    lines: list[str] = []
    for paragraph in "".join(_words(tokens)).split("\n"):
        start = rest if lines else first
        lines += textwrap.wrap(
            paragraph,
            columns,
            initial_indent=start,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join([*lines, *dict.fromkeys(_links(tokens))])


def _links(tokens: Sequence[Token]) -> Iterator[str]:
    return (str(token.attrs["href"]) for token in tokens if token.type == "link_open")


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        yield {"softbreak": " ", "hardbreak": "\n"}.get(token.type, token.content)


def _tidy_line(line: str) -> str:
    cleaned = clean(line)
    return line[: len(line) - len(line.lstrip(" "))] + cleaned if cleaned else ""
