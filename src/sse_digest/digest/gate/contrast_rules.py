"""The gate's rules for the size and contrast of words, in light and dark mode.

Only inline styles are read, like in mailboxes without style sheets. Colours that cannot be determined are
not checked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

from css_inline import CSSInliner
from lxml.html import HtmlElement, document_fromstring

from sse_digest.digest.gate.markup_rules import words_of
from sse_digest.digest.gate.rules import MailRule

_SMALLEST_PX, _NORMAL_PX, _LARGE_PX = 14, 16, 24
_LEAST_CONTRAST, _LEAST_LARGE = 4.5, 3.0  # WCAG 2.2, 1.4.3
_DARK = re.compile(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}")
_UNSEEN = frozenset({"style", "script", "title", "head"})
_NAMES = {"white": "#ffffff", "black": "#000000"}

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Look:
    """The colours and size of words; a colour is None if it cannot be determined."""

    ink: Colour | None
    ground: Colour | None
    size_px: float


_LIGHT = _Look((0, 0, 0), (255, 255, 255), _NORMAL_PX)
_NIGHT = _Look((255, 255, 255), (18, 18, 18), _NORMAL_PX)
_LINKS = {_LIGHT: (0, 0, 238), _NIGHT: (158, 158, 255)}  # colour of links without their own


def look_faults(html: str, root: HtmlElement) -> Iterator[MailRule]:
    """Check sizes and colours in light mode, then colours in dark mode."""
    seen = list(_painted(root.find("body"), _LIGHT, _LINKS[_LIGHT]))
    yield from _size_faults(root, seen)
    yield from _contrast_faults(seen, "in light mode")
    blocks = " ".join(style.text or "" for style in root.iter("style"))
    dark = " ".join(match[1] for match in _DARK.finditer(blocks))
    if not dark or not root.xpath("//meta[@name='color-scheme' and contains(@content, 'dark')]"):
        yield MailRule(rule="dark", place="there are no colours for dark mode")
        return
    night = CSSInliner(keep_style_tags=True, load_remote_stylesheets=False, extra_css=dark).inline(html)
    body = document_fromstring(night).find("body")
    yield from _contrast_faults(_painted(body, _NIGHT, _LINKS[_NIGHT]), "in dark mode")


def _painted(element: HtmlElement, around: _Look, link: Colour) -> Iterator[tuple[str, _Look]]:
    """Yield all words inside an element with their look."""
    if not isinstance(element.tag, str) or element.tag in _UNSEEN:
        return
    look = _look_of(element, around, link)
    if (element.text or "").strip():
        yield " ".join((element.text or "").split()), look
    for child in element:
        yield from _painted(child, look, link)
        if (child.tail or "").strip():
            yield " ".join((child.tail or "").split()), look


def _look_of(element: HtmlElement, around: _Look, link: Colour) -> _Look:
    styles = {
        name.strip().lower(): value.replace("!important", "").strip().lower()
        for name, _, value in (one.partition(":") for one in (element.get("style") or "").split(";"))
    }
    look = around
    if element.tag == "a" and element.get("href"):
        look = replace(look, ink=link)
    if "color" in styles:
        look = replace(look, ink=around.ink if styles["color"] == "inherit" else _colour(styles["color"]))
    ground = styles.get("background-color") or styles.get("background") or element.get("bgcolor")
    if ground and ground not in {"transparent", "none", "inherit"}:
        look = replace(look, ground=_colour(ground))
    return replace(look, size_px=_size(styles.get("font-size", ""), around.size_px))


def _colour(text: str) -> Colour | None:
    text = _NAMES.get(text, text)
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        text = "#" + "".join(digit * 2 for digit in text[1:])
    if re.fullmatch(r"#[0-9a-f]{6}", text):
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
    match = re.fullmatch(r"rgb\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)\s*\)", text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _size(text: str, around: float) -> float:
    match = re.fullmatch(r"([\d.]+)(px|pt|em|%)", text)
    if match is None:
        return around
    return float(match[1]) * {"px": 1, "pt": 4 / 3, "em": around, "%": around / 100}[match[2]]


def _size_faults(root: HtmlElement, seen: list[tuple[str, _Look]]) -> Iterator[MailRule]:
    for words, look in seen:
        if look.size_px < _SMALLEST_PX:
            yield MailRule(rule="small-print", place=f"{look.size_px:g} px: {words[:60]}")
    for heading in root.iter("h3"):
        size = reduce(_inherited, reversed(list(heading.iterancestors())), float(_NORMAL_PX))
        if size < _NORMAL_PX:
            yield MailRule(rule="small-print", place=f"{size:g} px: the text below {words_of(heading)[:60]}")


def _inherited(around: float, element: HtmlElement) -> float:
    return _look_of(element, replace(_LIGHT, size_px=around), _LINKS[_LIGHT]).size_px


def _contrast_faults(
    seen: Iterator[tuple[str, _Look]] | list[tuple[str, _Look]], where: str
) -> Iterator[MailRule]:
    for words, look in seen:
        if look.ink is None or look.ground is None:
            continue
        lighter, darker = sorted((_luminance(look.ink), _luminance(look.ground)), reverse=True)
        contrast = (lighter + 0.05) / (darker + 0.05)
        if contrast < (_LEAST_LARGE if look.size_px >= _LARGE_PX else _LEAST_CONTRAST):
            yield MailRule(rule="contrast", place=f"{contrast:.1f} {where}: {words[:60]}")


def _luminance(colour: Colour) -> float:
    """Return the relative luminance of a colour, from 0 to 1 (WCAG 2.2)."""
    shares = (value / 255 for value in colour)
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
