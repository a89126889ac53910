"""The page of results, docs/performance.md: each benchmark writes its own part of it and no other."""

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def put(name: str, lines: Iterable[str], page: Path = PAGE) -> None:
    """Write lines between the marks `<!-- NAME -->` and `<!-- end of NAME -->` of the page.

    Raises:
        ValueError: the page does not have both marks.
    """
    text = page.read_text(encoding="utf-8")
    first, last = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    head, begun, rest = text.partition(first)
    _, ended, tail = rest.partition(last)
    if not begun or not ended:
        raise ValueError(f"{page} lacks {first.strip()} or {last.strip()} behind it.")
    page.write_text("\n".join([head + first, *lines, "", last]) + tail, encoding="utf-8")


def spread(values: Sequence[float], digits: int) -> str:
    """Return median and range as text."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
