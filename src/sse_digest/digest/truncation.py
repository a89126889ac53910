"""Shorten an edition to the limits of its sections and to a size that mailboxes show completely.

Mailboxes clip long mails, including the unsubscribe link at the end. So the longest sections are shortened
first, and each says how many more items it has. Pure; rendering is passed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sse_digest.digest.outline import Outline, OutlineItem, OutlineSection

LARGEST_HTML = 100_000  # bytes of decoded HTML; Gmail clips at about 102,000
_NEARLY = 0.97  # share of the largest size that is close enough


def limited(outline: Outline, limits: Mapping[str, int]) -> Outline:
    """Shorten sections to their limits (theme to number of items); a section without one stays whole."""
    shown = [limits.get(part.theme, len(part.entries)) for part in outline.parts]
    return _shortened(outline, shown)


def fitted(outline: Outline, size_of: Callable[[Outline], int], largest: int = LARGEST_HTML) -> Outline:
    """Shorten sections, the longest first, until the edition fits.

    Args:
        outline: to shorten.
        size_of: renders an outline and returns its size in bytes.
        largest: size in bytes. If not even the headings fit, no items are shown and the result is larger.
    """
    counts = [len(part.entries) for part in outline.parts]
    fits, too_many = 0, sum(counts)
    size_above = size_of(outline)
    if size_above <= largest or not too_many:
        return outline
    best = _shortened(outline, levelled(counts, 0))
    size_below = size_of(best)
    while too_many - fits > 1:
        share = (largest - size_below) / max(1, size_above - size_below)
        middle = min(max(fits + int((too_many - fits) * share), fits + 1), too_many - 1)
        candidate = _shortened(outline, levelled(counts, middle))
        size = size_of(candidate)
        if size > largest:
            too_many, size_above = middle, size
            continue
        best, fits, size_below = candidate, middle, size
        if size > largest * _NEARLY:
            break
    return best


def levelled(counts: Sequence[int], total: int) -> list[int]:
    """Reduce the largest counts until their sum is at most `total`; of equal counts, later ones first."""
    kept = [0] * len(counts)
    open_places = [place for place, count in enumerate(counts) if count]
    left = total
    while open_places and left >= len(open_places):
        step = min(left // len(open_places), *(counts[place] - kept[place] for place in open_places))
        for place in open_places:
            kept[place] += step
        left -= step * len(open_places)
        open_places = [place for place in open_places if kept[place] < counts[place]]
    for place in open_places[:left]:
        kept[place] += 1
    return kept


def _shortened(outline: Outline, shown: Sequence[int]) -> Outline:
    parts = (_cut(part, number, outline.lead) for part, number in zip(outline.parts, shown, strict=True))
    return replace(outline, parts=tuple(parts))


def _cut(part: OutlineSection, number: int, lead: OutlineItem | None) -> OutlineSection:
    """Shorten a section to a number of items; the lead always stays in it."""
    if number >= len(part.entries):
        return part
    kept = part.entries[:number]
    if lead in part.entries and lead not in kept:
        kept = (*part.entries[: max(0, number - 1)], *(entry for entry in part.entries if entry == lead))
    return replace(part, entries=kept, more=part.count - len(kept))
