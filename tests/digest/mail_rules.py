"""What every mail of ours keeps to, judged from its bytes alone, by other means than those that wrote it.

`html_findings`, `text_findings` and `message_findings` give sentences, one for each break of a rule.
"""

import base64
import email
import quopri
import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

import html5lib
from lxml.etree import _Element as Element

VAGUE = {
    "read more",
    "more",
    "here",
    "click here",
    "link",
    "lire la suite",
    "ici",
    "leer más",
    "aquí",
    "المزيد",
    "هنا",
}
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id", "Content-Type")
URL = re.compile(r"https?://[^\s<>\"]+")
ENCODED_WORD = re.compile(r"=\?([\w-]+)\?([bq])\?([^? ]*)\?=", re.IGNORECASE)
LOGICAL_OR_UNKNOWN = re.compile(r"var\(|light-dark|-(inline|block)-(start|end)|:\s*(start|end)\b|!important")
NEVER = ("script", "form", "iframe", "object", "link", "video", "audio", "svg", "bdi", "main", "nav")


def html_findings(html: str) -> list[str]:
    """Judge the HTML part."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False)
    root = parser.parse(html).getroot()
    found = [f"not HTML: {error[1]} at {error[0]}" for error in parser.errors]
    found += [f"<{name}> is used" for name in NEVER if root.find(f".//{name}") is not None]
    found += [*_frame(root), *_headings(root), *_links(root), *_layout(html, root), *_styles(html, root)]
    if len(html.encode()) > 100_000:
        found.append("larger than 100,000 bytes")
    return found


def text_findings(text: str) -> list[str]:
    """Judge the text part."""
    found = []
    for line in text.split("\n"):
        if len(line) > 72 and " " in line.strip():
            found.append(f"a line of {len(line)} columns: {line}")
        if URL.search(line) and not URL.fullmatch(line) and len(line) <= 72:
            found.append(f"an address inside a line: {line}")
    if "\n\n\n\n" in text or text != text.strip("\n") + "\n":
        found.append("heaps of empty lines")
    return found


def links_of(html: str) -> set[str]:
    """The web addresses an HTML part leads to or shows."""
    root = html5lib.parse(html, treebuilder="lxml", namespaceHTMLElements=False).getroot()
    shown = URL.findall(" ".join(root.find("body").itertext()))
    return {a.get("href") for a in root.iter("a") if (a.get("href") or "").startswith("http")} | set(shown)


def message_findings(raw: bytes, *, one_click: bool = True) -> list[str]:
    """Judge a whole mail."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = header_fields(head)
    names = [name for name, _ in fields]
    values = dict(fields)
    found = [f"{name} stands {names.count(name)} times" for name in ONCE if names.count(name) != 1]
    found += [f"{name} stands twice" for name in sorted(set(names)) if names.count(name) > 1]
    if not raw.isascii() or b"\0" in raw:
        found.append("not ASCII")
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        found.append("a bare CR or LF")
    lines = [len(line) for line in raw.split(b"\r\n")]
    if max(lines) > 998:
        found.append("a line longer than 998")
    found += [
        f"a header line of {len(line)} columns: {line!r}"
        for line in head.split(b"\r\n")
        if len(line) > 78 and not line.startswith((b"List-", b"To:", b"Message-ID:", b" <"))
    ]
    found += [
        f"{name} is encoded"
        for name in names
        if name not in {"Subject", "From", "To"} and _is_encoded(name, values)
    ]
    found += _unsubscribing(values, one_click=one_click)
    if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", values.get("Message-ID", "")):
        found.append("Message-ID is malformed")
    if values.get("Auto-Submitted") != "auto-generated" or values.get("Precedence") != "bulk":
        found.append("answering machines are not told to be silent")
    return [*found, *_structure(raw, body)]


def header_fields(head: bytes) -> list[tuple[str, str]]:
    """Unfold the header into names and values, as they stand."""
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", head).decode("ascii", "replace")
    pairs = (line.partition(":") for line in unfolded.split("\r\n"))
    return [(name, value.strip()) for name, _, value in pairs]


def decode_words(value: str) -> str:
    """Decode RFC 2047 words: blanks between two of them fall away (section 6.2)."""
    joined = re.sub(r"(\?=)[ \t]+(?==\?)", r"\1", value)
    parts: list[bytes] = []
    done = 0
    for match in ENCODED_WORD.finditer(joined):
        parts.append(joined[done : match.start()].encode())
        charset, form, content = match.groups()
        assert charset.lower() == "utf-8"
        raw = base64.b64decode(content) if form in "bB" else quopri.decodestring(content, header=True)
        raw.decode()  # RFC 2047 section 5: no word ends within a character
        parts.append(raw)
        done = match.end()
    return b"".join((*parts, joined[done:].encode())).decode()


def bodies(raw: bytes) -> tuple[str, str]:
    r"""The text and the HTML of a mail, lines ending with \n."""
    message = email.message_from_bytes(raw)
    text, html = (part.get_payload(decode=True) for part in message.walk() if not part.is_multipart())
    assert isinstance(text, bytes)
    assert isinstance(html, bytes)
    return text.decode().replace("\r\n", "\n"), html.decode().replace("\r\n", "\n")


def _frame(root: Element) -> Iterator[str]:
    if not (root.get("lang") and root.get("dir")):
        yield "<html> lacks lang or dir"
    wrapper = root.find("body/div")
    if wrapper is None or wrapper.get("role") != "article" or wrapper.get("aria-roledescription") != "email":
        yield "no wrapper of role article"
    elif not (wrapper.get("lang") and wrapper.get("dir") and wrapper.get("aria-label")):
        yield "the wrapper lacks lang, dir or aria-label"
    if not (root.findtext("head/title") or "").strip():
        yield "no title"
    if (
        root.find("head/meta[@name='color-scheme']") is None
        or root.find("head/meta[@charset='utf-8']") is None
    ):
        yield "meta charset or color-scheme is missing"
    first = next((text.strip() for text in root.find("body").itertext() if text.strip()), "")
    if not first.endswith("."):
        yield f"the first words are no sentence: {first}"


def _headings(root: Element) -> Iterator[str]:
    levels = [int(element.tag[1]) for element in root.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield f"headings do not begin with the only h1: {levels}"
    if any(after - before > 1 for before, after in pairwise(levels)):
        yield f"a heading level is jumped over: {levels}"


def _links(root: Element) -> Iterator[str]:
    places = {element.get("id") for element in root.iter() if element.get("id")}
    if places != {anchor.get("name") for anchor in root.iter("a") if anchor.get("name")}:
        yield "an anchor lacks its name or its id"
    if len(places) != len([element for element in root.iter() if element.get("id")]):
        yield "an id stands twice"
    for link in root.iter("a"):
        address = link.get("href")
        words = " ".join("".join(link.itertext()).split()) or " ".join(link.xpath(".//img/@alt"))
        if address is None:
            continue
        if not words or words.lower() in VAGUE:
            yield f"a link says nothing: {words!r}"
        if address.startswith("#"):
            if address[1:] not in places:
                yield f"a dead anchor: {address}"
        elif urlsplit(address).scheme != "https":
            yield f"not a plain https link: {address}"


def _layout(html: str, root: Element) -> Iterator[str]:
    tables = re.findall(r"<table\b[^>]*>", html)  # those that only Outlook sees included
    if any('role="presentation"' not in table for table in tables):
        yield "a layout table without its role"
    for element in root.iter():
        style = element.get("style") or ""
        if re.search(
            r"display:\s*none|visibility:\s*hidden|opacity:\s*0(?![.\d])|font-size:\s*[01]px|(max-)?height:\s*0",
            style,
        ):
            yield f"hidden content in <{element.tag}>"
        if any(int(size) < 14 for size in re.findall(r"font-size:\s*(\d+)px", style)):
            yield f"small print below 14 px in <{element.tag}>"
        if LOGICAL_OR_UNKNOWN.search(style):
            yield f"a style mail clients do not know: {style}"
        if any(name.startswith("on") for name in map(str, element.attrib)):
            yield f"a script in <{element.tag}>"


def _styles(html: str, root: Element) -> Iterator[str]:
    blocks = [style.text or "" for style in root.iter("style")]
    if sum(map(len, blocks)) > 16_000:
        yield "more than 16 kB of style blocks"
    for block in blocks:
        if re.search(r"@[^{]*\{[^{}]*@", block):
            yield "a nested @ rule"
    if re.search(r"url\(|@import", html):
        yield "something would be fetched"
    for wanted in ("(max-width", "prefers-color-scheme", "@media print"):
        if sum(wanted in block for block in blocks) != 1:
            yield f"no style block of its own for {wanted}"


def _is_encoded(name: str, values: dict[str, str]) -> bool:
    value = values[name]
    return "=?" in (re.sub(r"^[^<]*", "", value) if name == "List-Id" else value)


def _unsubscribing(values: dict[str, str], *, one_click: bool) -> Iterator[str]:
    given, post = values.get("List-Unsubscribe"), values.get("List-Unsubscribe-Post")
    if not one_click:
        if given or post:
            yield "one-click without a page of ours"
        return
    if not re.fullmatch(r"<https://[^<>\s]+>", given or ""):
        yield f"List-Unsubscribe is not one https address: {given}"
    if post != "List-Unsubscribe=One-Click":
        yield f"List-Unsubscribe-Post is {post}"


def _structure(raw: bytes, body: bytes) -> Iterator[str]:
    message = email.message_from_bytes(raw)
    parts = [part for part in message.walk() if not part.is_multipart()]
    if message.get_content_type() != "multipart/alternative" or message.defects:
        yield "not multipart/alternative"
    if [part.get_content_type() for part in parts] != ["text/plain", "text/html"]:
        yield "not text, then HTML"
        return
    for part in parts:
        if part.get_content_charset() != "utf-8" or not part["Content-Language"]:
            yield "a part without charset or language"
        if part.defects:
            yield f"a part is malformed: {part.defects}"
    if max(map(len, body.split(b"\r\n"))) > 76:
        yield "a body line longer than 76"
    text, html = bodies(raw)
    if set(URL.findall(text)) != links_of(html):
        yield f"text and HTML differ in links: {set(URL.findall(text)) ^ links_of(html)}"
    yield from html_findings(html)
    yield from text_findings(text)
