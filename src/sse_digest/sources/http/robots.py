"""Decide what a host's robots.txt allows this program to read (RFC 9309). Pure; `crawler` fetches the file.

The group for this program applies or, if there is none, the group for everybody. Of the rules that match an
address the longest one applies; of rules of the same length, the one that allows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PRODUCT = "sse-digest"
"""The name of this program in the user-agent lines of robots.txt."""

_MAX_BYTES = 512_000  # the rest is not read (RFC 9309 2.5 requires at least 500 KiB)
_MAX_RULES = 5000
_LINE = re.compile(r"\s*([A-Za-z-]{1,40})\s*:\s*([^#]*)")
_TOKEN = re.compile(r"[A-Za-z_-]+|\*")
_KEPT = "%/:?#[]@!$&'()*+,;=~"  # characters that are not percent-encoded in a rule


@dataclass(frozen=True, slots=True)
class RobotsRule:
    """One line of a group."""

    pattern: str  # for path and query; * matches anything, $ at the end the end, %2A and %24 are * and $
    allows: bool

    def __str__(self) -> str:
        return f"{'Allow' if self.allows else 'Disallow'}: {self.pattern}"


def rules_for_us(text: bytes) -> tuple[RobotsRule, ...]:
    """Return the rules of a robots.txt that apply to this program; if there are none, all is allowed."""
    ours: list[RobotsRule] = []
    everybodys: list[RobotsRule] = []
    named: set[str] = set()
    is_head = False
    found = False
    for key, value in _lines(text):
        if key == "user-agent":
            named = (named if is_head else set()) | {_product(value)}
            is_head = True
            found = found or PRODUCT in named
        elif key in {"allow", "disallow"}:
            is_head = False
            if value and len(ours) + len(everybodys) < _MAX_RULES:
                rule = RobotsRule(_pattern(value), key == "allow")
                ours += [rule] if PRODUCT in named else []
                everybodys += [rule] if "*" in named else []
    return tuple(ours if found else everybodys)


def refusing_rule(rules: Sequence[RobotsRule], url: str) -> RobotsRule | None:
    """Return the rule that forbids an address, or None if it may be read."""
    parts = urlsplit(url)
    # Dots may be percent-encoded; the host may decode them and give the page to which they lead.
    path = _without_dots(_folded(parts.path or "/")) + (f"?{_folded(parts.query)}" if parts.query else "")
    path = path.replace("*", "%2A").replace("$", "%24")
    if path == "/robots.txt":
        return None
    fitting = [rule for rule in rules if _fits(rule.pattern, path)]
    best = max(fitting, key=lambda rule: (len(rule.pattern), rule.allows), default=None)
    return None if best is None or best.allows else best


def _lines(text: bytes) -> Iterator[tuple[str, str]]:
    decoded = text[:_MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    for line in re.split(r"\r\n|\r|\n", decoded):
        match = _LINE.match(line)
        if match:
            yield match[1].lower(), match[2].strip()


def _product(value: str) -> str:
    token = _TOKEN.match(value)
    return token[0].lower() if token else ""


def _pattern(value: str) -> str:
    """Return a rule's pattern as `refusing_rule` compares it; $ has its special meaning only at the end."""
    whole = _folded(value)
    return whole[:-1].replace("$", "%24") + whole[-1]


def _without_dots(path: str) -> str:
    """Return a path with the segments . and .. resolved (RFC 3986 5.2.4)."""
    _, *segments = path.split("/")
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _folded(text: str) -> str:
    """Return a path with normalised percent-encoding, so that equivalent paths are equal (RFC 9309 2.2.2)."""
    whole = quote(text, safe=_KEPT)
    return re.sub(r"%([0-9A-Fa-f]{2})", _octet, whole)


def _octet(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else match[0].upper()


def _fits(pattern: str, path: str) -> bool:
    """Return whether a pattern matches the beginning of a path; each part is searched for only once."""
    anchored = pattern.endswith("$")
    first, *parts = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not parts:
        return not anchored or at == len(path)
    for part in parts[:-1]:
        begin = path.find(part, at)
        if begin < 0:
            return False
        at = begin + len(part)
    last = parts[-1]
    return path.endswith(last) and len(path) - len(last) >= at if anchored else path.find(last, at) >= 0
