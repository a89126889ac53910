"""Edit an issue before it is sent, and compose it again.

Edits are stored apart from the composed issue, so that composing again loses none. An issue whose
recipients are fixed cannot be edited; editing withdraws an approval.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sse_digest.digest.compose import ComposeReport, compose_within
from sse_digest.errors import DigestError, UsageError
from sse_digest.model.issue_edits import UNTOUCHED, IssueEdit, ItemEdit
from sse_digest.model.issue_rules import Placements, compose_command
from sse_digest.model.issues import Digest, ItemSkip, Period
from sse_digest.rendering.markdown import problem_of, tidy
from sse_digest.rendering.sanitize_text import clean
from sse_digest.store import Connection, Store
from sse_digest.store.issues.issue_edits import (
    is_fixed,
    read_issue_edit,
    withdraw_approval,
    write_issue_edit,
    write_item_edits,
)
from sse_digest.store.issues.issues import issue_members, read_placements

LONGEST_TITLE, LONGEST_NOTE, LONGEST_INTRODUCTION = 200, 500, 5000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The changes by an editor; None and empty tuples change nothing. Items are named by id prefix."""

    language: str  # of title, introduction and notes
    title: str | None = None  # "" restores the digest's title
    introduction: str | None = None  # Markdown; "" removes it
    lead: str | None = None  # "" lets the rule choose again
    order: tuple[str, ...] | None = None  # these first, in this order; empty for all by date
    hide: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    pin: tuple[str, ...] = ()
    unpin: tuple[str, ...] = ()
    move: tuple[tuple[str, str], ...] = ()  # item and theme
    notes: tuple[tuple[str, str], ...] = ()  # item and text; empty text removes the note
    reset: tuple[str, ...] = ()  # forget all edits of these items


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReport:
    """The result of a change."""

    composed: ComposeReport
    edit: IssueEdit
    item_edits: Mapping[str, ItemEdit]  # of all items of the digest
    approval_withdrawn: bool


def edit_issue(store: Store, digest: Digest, period: Period, change: Change, *, now: datetime) -> EditReport:
    """Change an issue and compose it again in one transaction; withdraw its approval.

    Raises:
        UsageError: an item, theme or language is unknown, or a text is too long.
        DigestError: there is no such issue, its recipients are fixed, or it would have nothing to print.
    """
    if change.language not in digest.languages:
        raise UsageError(
            f"The digest {digest.name} has no language {change.language!r}."
            f" Known: {', '.join(digest.languages)}."
        )
    with store.writing() as connection:
        _refuse_unchangeable(connection, digest, period)
        withdrawn = withdraw_approval(connection, digest.name, period)
        placements = read_placements(connection, digest.name)
        names = _Names(digest, period, placements, issue_members(connection, digest.name, period))
        edits = _item_edits(change, digest, names, placements.edits)
        write_item_edits(connection, digest.name, edits, now)
        known = read_issue_edit(connection, digest.name, period)
        edit = _issue_edit(change, names, known)
        lead = edit.lead if change.lead else None
        if lead is not None and {**placements.edits, **edits}.get(lead, UNTOUCHED).hidden:
            raise UsageError(f"{lead[:8]} is hidden. Show it with --show, or choose another lead.")
        write_issue_edit(connection, digest.name, period, edit, now)
        report = compose_within(connection, digest, period, now=now)
        if report.issue is None:  # raising rolls everything back
            raise DigestError(
                f"{digest.name}/{period} would have nothing left to print, so nothing was changed."
            )
        after = read_placements(connection, digest.name)
    return EditReport(composed=report, edit=edit, item_edits=after.edits, approval_withdrawn=withdrawn)


def _refuse_unchangeable(connection: Connection, digest: Digest, period: Period) -> None:
    if not issue_members(connection, digest.name, period):
        raise DigestError(
            f"There is no issue {digest.name}/{period}. Compose it: {compose_command(digest, period)}"
        )
    if is_fixed(connection, digest.name, period):
        raise DigestError(
            f"{digest.name}/{period} was sent or is being sent, so it cannot be changed any more."
        )


class _Names:
    """The items an editor can name: those in the issue and those hidden from it."""

    def __init__(
        self, digest: Digest, period: Period, placements: Placements, members: Iterable[str]
    ) -> None:
        self.issue = f"{digest.name}/{period}"
        hidden = [
            item_id
            for item_id, record in placements.skips.items()
            if record.reason is ItemSkip.HIDDEN and record.period <= period
            if placements.edits.get(item_id, UNTOUCHED).hidden
        ]
        self.ids = (*members, *hidden)

    def find(self, prefix: str) -> str:
        """Return the id that begins with a prefix.

        Raises:
            UsageError: no id does, or more than one.
        """
        wanted = prefix.strip().lower()
        found = [item_id for item_id in self.ids if wanted and item_id.startswith(wanted)]
        if len(found) != 1:
            what = "No item" if not found else "More than one item"
            raise UsageError(
                f"{what} of {self.issue} has an id that begins with {prefix!r}."
                " `sse-digest issue show` lists them."
            )
        return found[0]


class _Decisions:
    """The edits of items, stored and new."""

    def __init__(self, names: _Names, known: Mapping[str, ItemEdit]) -> None:
        self.names, self.known = names, known
        self.new: dict[str, ItemEdit] = {}

    def of(self, item_id: str) -> ItemEdit:
        """Return the latest edit of an item."""
        return self.new.get(item_id, self.known.get(item_id, UNTOUCHED))

    def set(self, prefixes: Iterable[str], decide: Callable[[ItemEdit], ItemEdit]) -> None:
        """Change the edits of items."""
        for item_id in map(self.names.find, prefixes):
            self.new[item_id] = decide(self.of(item_id))

    def order(self, prefixes: Iterable[str]) -> None:
        """Move these items to the top of their sections, in this order; all others are sorted by date."""
        placed = [item_id for item_id in self.names.ids if self.of(item_id).position is not None]
        self.set(placed, lambda edit: replace(edit, position=None))
        for position, prefix in enumerate(prefixes):
            self.set([prefix], partial(replace, position=position))


def _item_edits(
    change: Change, digest: Digest, names: _Names, known: Mapping[str, ItemEdit]
) -> Mapping[str, ItemEdit]:
    """Return the new edits of the items that a change names."""
    _refuse_contradictions(change, names)
    decisions = _Decisions(names, known)
    decisions.set(change.reset, lambda _: UNTOUCHED)
    decisions.set(change.hide, lambda edit: replace(edit, hidden=True))
    decisions.set(change.show, lambda edit: replace(edit, hidden=False))
    decisions.set(change.pin, lambda edit: replace(edit, pinned=True))
    decisions.set(change.unpin, lambda edit: replace(edit, pinned=False))
    for prefix, theme in change.move:
        if theme not in digest.themes:
            raise UsageError(f"The digest has no theme {theme!r}. Known: {', '.join(digest.themes)}.")
        decisions.set([prefix], partial(replace, theme=theme))
    for prefix, words in change.notes:
        note = _line("note", words, LONGEST_NOTE)
        decisions.set([prefix], partial(_noted, language=change.language, note=note))
    if change.order is not None:
        decisions.order(change.order)
    return decisions.new


def _refuse_contradictions(change: Change, names: _Names) -> None:
    """Refuse a change that asks for two different things for one item."""
    moved, noted = ([item_id for item_id, _ in pairs] for pairs in (change.move, change.notes))
    requests = (
        ("hidden and shown", [*dict.fromkeys(change.hide), *dict.fromkeys(change.show)]),
        ("pinned and unpinned", [*dict.fromkeys(change.pin), *dict.fromkeys(change.unpin)]),
        ("given two positions", change.order or ()),
        ("moved twice", moved),
        ("given two notes", noted),
    )
    for what, prefixes in requests:
        ids = [names.find(prefix) for prefix in prefixes]
        twice = next((item_id for item_id in ids if ids.count(item_id) > 1), None)
        if twice is not None:
            raise UsageError(f"{twice[:8]} cannot be {what} at once; nothing was changed.")


def _noted(edit: ItemEdit, *, language: str, note: str) -> ItemEdit:
    return replace(edit, note=_with(edit.note, language, note))


def _issue_edit(change: Change, names: _Names, known: IssueEdit) -> IssueEdit:
    edit, language = known, change.language
    if change.title is not None:
        title = _line("title", change.title, LONGEST_TITLE)
        edit = replace(edit, title=_with(edit.title, language, title))
    if change.introduction is not None:
        words = tidy(change.introduction)
        if len(words) > LONGEST_INTRODUCTION:
            raise UsageError(
                f"The introduction has {len(words)} characters; {LONGEST_INTRODUCTION} are allowed."
            )
        problem = problem_of(words)
        if problem is not None:
            raise UsageError(f"The introduction cannot be printed: {problem}.")
        edit = replace(edit, introduction=_with(edit.introduction, language, words))
    if change.lead is not None:
        edit = replace(edit, lead=names.find(change.lead) if change.lead else None)
    return edit


def _with(words: Mapping[str, str], language: str, new: str) -> Mapping[str, str]:
    """Set the words in one language; empty words remove them."""
    others = {tag: text for tag, text in words.items() if tag != language}
    return {**others, language: new} if new else others


def _line(name: str, text: str, longest: int) -> str:
    if any(unicodedata.category(sign) == "Cc" for sign in text):
        raise UsageError(
            f"The {name} contains a line break or another control character. Write it on one line."
        )
    cleaned = clean(text)
    if len(cleaned) > longest:
        raise UsageError(f"The {name} has {len(cleaned)} characters; {longest} are allowed.")
    return cleaned
