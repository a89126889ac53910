"""The rules by which items get their themes, as values, and how they are read from parsed TOML.

Several documents may follow one another: a later one adds themes and terms, changes them, or takes a
term away with `off = true`. Every problem of every document is reported at once. Never reads a file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Any

from sse_digest.errors import SettingsError
from sse_digest.model.term_matcher import FIELDS, Term, TermMatcher, compile_terms, explain_fault

FIELD_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"kicker": 2.0, "title": 3.0, "lead": 2.0, "summary": 1.0}
)
NEEDED = (
    2.0  # the score from which an item has a theme: one term of title, kicker or lead, or two of the rest
)

_KEY = re.compile(r"[a-z][a-z0-9-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_TABLES = ("terms", "masks", "series", "joiners")
_THEME_FIELDS: Mapping[str, type] = MappingProxyType({"rank": int, "fallback": bool, "over_series": bool})
_TERM_FIELDS: Mapping[str, type] = MappingProxyType(
    {
        "why": str,
        "weight": float,
        "case": bool,
        "only": bool,
        "place": bool,
        "off": bool,
        "fields": list,
        "names": list,
    }
)
_TYPE_NAMES = MappingProxyType(
    {str: "text", float: "a number", int: "a whole number", bool: "true or false", list: "a list"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A named group of items, and the rules for belonging to it."""

    key: str
    labels: Mapping[str, str]  # by language; "en" is always there
    rank: int  # the lower, the more specific
    fallback: bool  # taken when no other theme is; stands alone and has no terms
    over_series: bool  # a title about it wins over the theme of the item's series

    def label(self, language: str) -> str:
        """The theme's name in a language, in English where there is none."""
        return self.labels.get(language) or self.labels["en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeRules:
    """All themes, the most specific first, the fallback last."""

    themes: tuple[Theme, ...]
    matcher: TermMatcher  # finds the terms of all themes in one pass
    weights: Mapping[str, float]  # by field
    needed: float  # the score from which an item has a theme

    @property
    def fallback(self) -> Theme:
        """The theme of items that have no other."""
        return self.themes[-1]

    def theme(self, key: str) -> Theme | None:
        """The theme with this key, or None if there is none."""
        return next((theme for theme in self.themes if theme.key == key), None)


def parse_rules(
    data: Mapping[str, object] | Sequence[Mapping[str, object]], *, where: str | Sequence[str]
) -> ThemeRules:
    """Read the rules from one parsed document or from several, of which a later one extends the earlier.

    Args:
        data: each document holds the table `themes` (a table a theme) and nothing else.
        where: the name of each document, for messages; one name stands for all.

    Raises:
        SettingsError: `problems` lists every finding with its document and path.
    """
    documents = [data] if isinstance(data, Mapping) else list(data)
    names = [where] * len(documents) if isinstance(where, str) else list(where)
    reader = _Reader()
    for document, name in zip(documents, names, strict=True):
        reader.read(document, name)
    themes, terms = reader.finish()
    if reader.problems:
        raise SettingsError(
            f"the theme rules have {len(reader.problems)} problem(s); correct them: {reader.problems[0]}",
            tuple(reader.problems),
        )
    return ThemeRules(themes=themes, matcher=compile_terms(terms), weights=FIELD_WEIGHTS, needed=NEEDED)


class _Draft:
    """One theme while its documents are being read: lines may still be changed or taken away."""

    def __init__(self, where: str) -> None:
        self.where = where  # the document that names the theme first
        self.labels: dict[str, str] = {}
        self.settings: dict[str, Any] = {}
        self.lines: dict[tuple[str, str, str], dict[str, Any]] = {}  # (table, language, term or body)


class _Reader:
    """Merges documents into drafts and notes every problem; `finish` makes the themes."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.drafts: dict[str, _Draft] = {}

    def read(self, document: Mapping[str, object], where: str) -> None:
        for key in document:
            if key != "themes":
                self._note(where, str(key), "is not known here; the rules are in the table 'themes'")
        for key, table in self._table(document.get("themes", {}), where, "themes").items():
            path = f"themes.{key}"
            if not _KEY.fullmatch(key):
                self._note(
                    where,
                    path,
                    "is not a theme name; use small letters a-z, digits and hyphens, a letter first",
                )
                continue
            self._read_theme(
                self.drafts.setdefault(key, _Draft(where)), self._table(table, where, path), where, path
            )

    def finish(self) -> tuple[tuple[Theme, ...], tuple[Term, ...]]:
        """Make the themes, most specific first, and their terms; call it after the last document."""
        for key, draft in self.drafts.items():
            self._check_theme(key, draft)
        fallbacks = [key for key, draft in self.drafts.items() if draft.settings.get("fallback")]
        if not self.problems and len(fallbacks) != 1:
            found = ", ".join(fallbacks) or "none"
            self.problems.append(f"exactly one theme needs 'fallback = true'; those that have it: {found}")
        if self.problems:
            return (), ()
        themes = [_make_theme(key, draft) for key, draft in self.drafts.items()]
        terms = [term for key, draft in self.drafts.items() for term in _make_terms(key, draft)]
        return tuple(sorted(themes, key=lambda theme: (theme.fallback, theme.rank, theme.key))), tuple(terms)

    def _check_theme(self, key: str, draft: _Draft) -> None:
        path = f"themes.{key}"
        if not draft.labels.get("en"):
            self._note(draft.where, f"{path}.labels.en", "is missing; every theme has an English label")
        if draft.settings.get("fallback"):
            if draft.lines:
                self._note(draft.where, path, "is the fallback and has terms; remove one of the two")
        elif "rank" not in draft.settings:
            self._note(
                draft.where,
                f"{path}.rank",
                "is missing; give a whole number, lower for a more specific theme",
            )

    def _read_theme(self, draft: _Draft, table: Mapping[str, object], where: str, path: str) -> None:
        for key, value in table.items():
            at = f"{path}.{key}"
            if key == "labels":
                self._read_labels(draft, value, where, at)
            elif key in _THEME_FIELDS:
                if self._fits(value, _THEME_FIELDS[key], where, at):
                    draft.settings[key] = value
            elif key == "bodies":
                self._read_lines(draft, (key, "any"), value, where, at)
            elif key in _TABLES:
                for language, lines in self._table(value, where, at).items():
                    if language == "any" or self._is_language(language, where, at):
                        self._read_lines(draft, (key, language), lines, where, f"{at}.{language}")
            else:
                known = ", ".join(("labels", *_THEME_FIELDS, "bodies", *_TABLES))
                self._note(where, at, f"is not known; known are {known}")

    def _read_labels(self, draft: _Draft, value: object, where: str, path: str) -> None:
        for language, label in self._table(value, where, path).items():
            if not isinstance(label, str) or not label.strip():
                self._note(where, f"{path}.{language}", "needs text that is not empty")
            elif self._is_language(language, where, path):
                draft.labels[language] = label.strip()

    def _is_language(self, language: str, where: str, path: str) -> bool:
        if _LANGUAGE.fullmatch(language):
            return True
        self._note(
            where, f"{path}.{language}", "is not a language; write its tag of two or three letters ('fr')"
        )
        return False

    def _read_lines(
        self, draft: _Draft, table: tuple[str, str], value: object, where: str, path: str
    ) -> None:
        for term, line in self._table(value, where, path).items():
            at = f'{path}."{term}"'
            fault = explain_fault(term) if table[0] != "bodies" else None
            if fault:
                self._note(where, at, fault)
            elif not isinstance(line, str | Mapping):
                self._note(where, at, f"must be text that says why it is there, or a table, not {line!r:.40}")
            else:
                options = {"why": line} if isinstance(line, str) else dict(line)
                checked = [self._check_option(key, option, where, at) for key, option in options.items()]
                if all(checked):
                    self._merge_line(draft, (*table, term), options, where, at)

    def _merge_line(
        self, draft: _Draft, key: tuple[str, str, str], options: dict[str, Any], where: str, path: str
    ) -> None:
        known = draft.lines.get(key)
        if options.pop("off", False):
            if known is None:
                self._note(where, path, "is switched off but is in no earlier document; check its spelling")
            else:
                del draft.lines[key]
            return
        merged = (known or {}) | options
        if not str(merged.get("why", "")).strip():
            self._note(where, path, "needs a line 'why' that says what it is there for")
        if key[0] == "bodies" and not merged.get("names"):
            self._note(where, path, "needs 'names', the list of its spellings")
        draft.lines[key] = merged

    def _check_option(self, key: str, value: object, where: str, path: str) -> bool:
        at = f"{path}.{key}"
        if key not in _TERM_FIELDS:
            self._note(where, at, f"is not known; known are {', '.join(_TERM_FIELDS)}")
            return False
        if not self._fits(value, _TERM_FIELDS[key], where, at):
            return False
        if isinstance(value, list | tuple):
            for entry in value:
                fault = _explain_entry(key, entry)
                if fault:
                    self._note(where, at, f"{entry!r} {fault}")
                    return False
        return True

    def _fits(self, value: object, kind: type, where: str, path: str) -> bool:
        if kind is float:
            fits = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        elif kind is int:
            fits = isinstance(value, int) and not isinstance(value, bool)
        else:
            fits = isinstance(value, list | tuple if kind is list else kind)
        if not fits:
            self._note(where, path, f"must be {_TYPE_NAMES[kind]}, not {value!r:.40}")
        return fits

    def _table(self, value: object, where: str, path: str) -> Mapping[str, object]:
        if isinstance(value, Mapping):
            return value
        self._note(where, path, f"must be a table, not {value!r:.40}")
        return {}

    def _note(self, where: str, path: str, what: str) -> None:
        self.problems.append(f"{where}: {path} {what}")


def _explain_entry(key: str, entry: object) -> str | None:
    if not isinstance(entry, str):
        return "is not text"
    if key == "fields":
        return None if entry in FIELDS else f"is not a field; the fields are {', '.join(FIELDS)}"
    return explain_fault(entry)


def _make_theme(key: str, draft: _Draft) -> Theme:
    return Theme(
        key=key,
        labels=MappingProxyType(draft.labels),
        rank=draft.settings.get("rank", 0),
        fallback=draft.settings.get("fallback", False),
        over_series=draft.settings.get("over_series", False),
    )


def _make_terms(key: str, draft: _Draft) -> Iterator[Term]:
    for (kind, language, written), options in draft.lines.items():
        names = options["names"] if kind == "bodies" else [written]
        for name in names:
            yield Term(
                theme=key,
                kind=kind,
                term=name,
                why=options["why"],
                language=language,
                weight=float(options.get("weight", 1.0)),
                case=options.get("case", kind == "bodies" and name.isupper()),
                only=options.get("only", False),
                place=options.get("place", False),
                fields=tuple(options.get("fields", FIELDS)),
                part_of=written,
            )
