"""Render an editor's Markdown as HTML for a mail and as plain text with the same links.

Only paragraphs, lists, emphasis and https links are supported. An allow-list ensures that the HTML contains
no other element, attribute or address.
"""

import itertools
import re
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import nh3

from sse_digest.rendering.sanitize_text import clean, web_link

if TYPE_CHECKING:  # loaded only if needed; most issues have no words of an editor
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_TAGS = frozenset({"p", "br", "strong", "em", "a", "ul", "ol", "li"})
_UNSUPPORTED = {  # Markdown that would be printed as typed
    "a heading": r" {0,3}#{1,6}(?: .*|$)",
    "a quotation": r" {0,3}>.*",
    "a block of code": r" {0,3}(?:```|~~~).*",
    "a horizontal rule": r" {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$",
    "a table": r" {0,3}\|.*\| *$",
    "an image": r".*(?<!\\)!\[.*",
    "an HTML element": r".*(?<!\\)</?(?!\w+://)[A-Za-z][^<>]*>.*",
}


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415 # as above

    return MarkdownIt("zero").enable(["emphasis", "link", "list", "escape", "entity", "newline"])


def tidy(source: str) -> str:
    r"""Return Markdown whose lines end with \n, without invisible characters or surrounding whitespace.

    Two spaces at the end of a line are kept if another line follows: they mean a line break.
    """
    lines = (_tidy_line(line) for line in re.split(r"\r\n|\r|\n", source))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    return re.sub(r" +(?=\n\n|$)", "", text)


def to_html(source: str) -> str:
    """Return the HTML of Markdown that `tidy` returned; it is safe to put into a page."""
    return nh3.clean(
        _parser().render(source),
        tags=set(_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"https"},
        link_rel=None,
    )


def to_text(source: str, columns: int) -> str:
    """Return plain text: paragraphs wrapped at `columns`, each followed by its addresses, one a line."""
    text, tight = "", False  # tight: in a list without blank lines
    # For each open list the number of its last entry, or None if it is not numbered.
    lists: list[int | None] = []
    mark = ""
    for token in _parser().parse(source):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(0 if token.type.startswith("ordered") else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            last = lists[-1]
            lists[-1] = None if last is None else last + 1
            mark = "* " if last is None else f"{last + 1}. "
        elif token.type == "paragraph_open":
            was_tight, tight = tight, token.hidden
        elif token.type == "inline":
            rest = "  " * len(lists)
            first = "  " * (len(lists) - 1) + mark if mark else rest
            mark = ""
            block = _block(token.children or [], first, rest, columns)
            close = was_tight and tight and "://" not in text.rpartition("\n")[2]
            text += ("\n" if close else "\n\n") + block if text and block else block
    return text


def problem_of(source: str) -> str | None:
    """Return why Markdown that `tidy` returned cannot be used in a mail, or None if it can."""
    for line, (what, form) in itertools.product(source.split("\n"), _UNSUPPORTED.items()):
        if re.fullmatch(form, line):
            return f"{what} would be printed as typed: {line.strip()[:40]!r}"
    return _link_problem(source)


def _link_problem(source: str) -> str | None:
    for token in _parser().parse(source):
        tokens = token.children or []
        words = "".join(_words(tokens))
        if re.search(r"\w://", words):
            return "there is a bare address in the text; write a link as [words](https://...)"
        if broken := re.search(r"\]\(.{0,40}", words):
            return f"this is not a link: {broken[0]!r}; write it as [words](https://...)"
        for place, link in enumerate(tokens):
            if link.type != "link_open":
                continue
            address = str(link.attrs["href"])
            if not address.startswith("https://") or web_link(address) != address:
                return f"{address!r} is not a plain https address"
            if tokens[place + 1].type == "link_close" or not clean(tokens[place + 1].content or "x"):
                return f"the link to {address} has no words"
    return None


def _block(tokens: "Sequence[Token]", first: str, rest: str, columns: int) -> str:
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


def _links(tokens: "Sequence[Token]") -> Iterator[str]:
    return (str(token.attrs["href"]) for token in tokens if token.type == "link_open")


def _words(tokens: "Sequence[Token]") -> Iterator[str]:
    for token in tokens:
        yield {"softbreak": " ", "hardbreak": "\n"}.get(token.type, token.content)


def _tidy_line(line: str) -> str:
    cleaned = clean(line)
    if not cleaned:
        return ""
    return line[: len(line) - len(line.lstrip(" "))] + cleaned + ("  " if line.endswith("  ") else "")
