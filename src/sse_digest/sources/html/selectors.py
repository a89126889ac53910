"""Check the CSS selectors of a source, and make a layout of them.

A field without a selector is recognised by its appearance, as with presets.
"""

from collections.abc import Mapping
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from sse_digest.errors import SourceError
from sse_digest.sources.presets import LayoutPreset

FIELDS = ("item", "list", "title", "link", "date", "kicker", "summary", "credit", "image", "next")
"""The names that selectors may have; `item` is required.

`list` matches an element that every page has, even one without items.
"""

_HEADINGS = "h1, h2, h3, h4, h5, h6"


def selector_problem(field: str, selector: str) -> str | None:
    """Return what is wrong with a selector, or None if it can be used."""
    if field not in FIELDS:
        return f"has an unknown field {field!r}; the fields are: {', '.join(FIELDS)}"
    try:
        LexborHTMLParser("<p></p>").css(selector)
    except SelectolaxError:
        return f"has {selector!r} for {field}, which is not a CSS selector that this program can use"
    return None


def layout_of(selectors: Mapping[str, str], preset: LayoutPreset | None = None) -> LayoutPreset:
    """Return the layout that a source's selectors describe; they override those of the preset, if any.

    Raises:
        SourceError: a selector cannot be used, or there is neither a preset nor a selector `item`.
    """
    problems = [found for one in selectors.items() if (found := selector_problem(*one))]
    if preset is None and "item" not in selectors:
        problems.append("needs at least item, the element that holds one piece of news")
    if problems:
        raise SourceError(f"The setting selectors {problems[0]}. Correct it in the configuration.")
    item = selectors.get("item", "")
    layout = preset or LayoutPreset(item=item, container=item, title=_HEADINGS, home="")
    hooks = {field: selector for field, selector in selectors.items() if field != "list"}
    if preset is None or "list" in selectors or "item" in selectors:
        hooks["container"] = selectors.get("list", item or layout.container)
    return replace(layout, **hooks)  # type: ignore[arg-type] # names of selectors only
