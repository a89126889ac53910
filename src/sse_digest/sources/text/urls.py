"""Normalise web addresses, and find the publisher's number in them. Never fetches.

One page may have several addresses: several hosts, both schemes, with and without index.htm, with tracking
parameters. Normalisation follows RFC 3986 section 6.2, and goes further.
"""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urljoin, urlsplit

from sse_digest.rendering.host_names import ascii_host
from sse_digest.sources.presets import PRESETS

# Hosts with the same pages under the same paths, each with the host that replaces it.
MIRRORS: Mapping[str, str] = {
    mirror: (urlsplit(preset.home).hostname or "").removeprefix("www.")
    for preset in PRESETS.values()
    for mirror in preset.mirrors
}

MAX_LENGTH = 2048  # characters; longer addresses are ignored

# Parameters by which publishers and mail programs count visits; the page is the same with any value.
_TRACKING = re.compile(
    r"utm_.*|mtm_.*|itm_.*|matomo_.*|piwik_.*|pk_(?:campaign|kwd|source|medium|content)|hsa_.*|fb(?:clid|_.*)"
    r"|g(?:clid|braid|clsrc|ad_source|ad_campaignid)|wbraid|dclid|srsltid|msclkid|yclid|ysclid|twclid|ttclid"
    r"|li_fat_id|igshid|igsh|epik|rdt_cid|mc_[ce]id|_ga|_gl|__?hs[a-z]*|hsctatracking|mkt_tok|mkevt|mkcid|mkrid"
    r"|vero_(?:id|conv)|oly_(?:anon|enc)_id|sc_(?:c?id|campaign|channel|src|llid|lid|eh|uid)|s_c?id|s_kwcid|ef_id"
    r"|cmp(?:id)?|ref_(?:src|url)|jsessionid|phpsessid|xtor|xtr|at_[a-z0-9_]+|actcampaigntype|acton_.*"
    r"|wt[._]?(?:mc|tsrc|zmc)(?:[._]?(?:id|ev))?|int_?cmp|icid|ocid|ncid|ito|smid|smtyp"
    r"|ns_(?:mchannel|source|campaign|linkname|fee|mail_uid|mail_job)|emc|spmailingid|spuserid|spjobid"
    r"|spreportid|elq(?:track)?(?:id)?|elqaid|elqat|elqcampaignid|trk(?:campaign|info|email)?|vgo_ee|rb_clickid"
    r"|__twitter_impression|nr_email_referer|mibextid|dm_i|dm_t|ml_subscriber(?:_hash)?|_bta_(?:tid|c)|sfmc_.*"
    r"|_openstat|zanpid|tduid|xtref|xtcr",
    re.IGNORECASE,
)
# Parameters that only say where a visitor came from, if they have one of these values.
_CAME_FROM = re.compile(r"source|src|from|ref|referrer|via|partner|origin|medium|campaign", re.IGNORECASE)
_CHANNEL = re.compile(r"rss[\w.-]*|atom|feed(?:burner)?|e?-?mail|newsletter|twitter|facebook", re.IGNORECASE)
_ANCHOR = re.compile(r"(?:page-?)?top|main(?:-?content)?|content|comments?|respond|discussion", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_NUMBERS = tuple(re.compile(one.number, re.IGNORECASE) for one in PRESETS.values() if one.number)
_PORTS = {"http": 80, "https": 443}
_BREAKS = dict.fromkeys(map(ord, "\t\r\n"))
_PATH_SAFE = "/:@!$&'()*+,;=~"
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")

# The most common forms: an address that matches need not be parsed or resolved.
_ORIGIN = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,4})?(?![^/?#])")
_PLAIN_PATH = re.compile(r"(?:/[a-zA-Z0-9_~%-][a-zA-Z0-9_.~%-]*)+/?(?:\?[a-zA-Z0-9_.~%&=+-]+)?")


def absolute(link: str | None, base: str) -> str | None:
    """Return a link on a page as an absolute address, or None if it is not http(s), such as `mailto:`."""
    stripped = (link or "").strip()
    return _plainly(stripped, base) or _resolved(stripped.translate(_BREAKS).strip(), base)


def _resolved(cleaned: str, base: str) -> str | None:
    if not cleaned or len(cleaned) > MAX_LENGTH or cleaned.startswith("#"):
        return None
    try:
        joined = urljoin(base, cleaned)
        parts = urlsplit(joined)
        host, _ = parts.hostname, parts.port  # raises ValueError if the port is invalid
    except ValueError:
        return None
    if parts.scheme.lower() not in _PORTS or parts.username is not None or len(joined) > MAX_LENGTH:
        return None
    if not host or _host(host) is None:
        return None
    is_plain = joined.isascii() and joined.isprintable()
    if not is_plain and any(unicodedata.category(mark) in {"Cc", "Cs", "Zl", "Zp"} for mark in joined):
        return None
    return joined.replace(" ", "%20")


def _plainly(link: str, base: str) -> str | None:
    """Return a link of one of the most common forms as an absolute address; None if it has another form."""
    if len(link) > MAX_LENGTH // 2 or len(base) > MAX_LENGTH:
        return None
    if (own := _ORIGIN.match(link)) is not None:
        return link if _PLAIN_PATH.fullmatch(link, own.end()) else None
    origin = _ORIGIN.match(base)
    return origin[0] + link if origin is not None and _PLAIN_PATH.fullmatch(link) else None


def canonical(url: str | None) -> str | None:
    """Return the form that all addresses of a page share, or None if it is not an http(s) address.

    The result is for comparison, not for requests. Applying the function twice changes nothing.
    """
    address = absolute(url, "")
    if address is None:
        return None
    parts = urlsplit(address)
    host = _host(parts.hostname or "")  # valid, because `absolute` checked it
    port = "" if parts.port in {None, _PORTS[parts.scheme.lower()]} else f":{parts.port}"
    query = _query(parts.query)
    return f"https://{host}{port}{_path(parts.path)}" + (f"?{query}" if query else "")


def page_part(url: str | None) -> str | None:
    """Return the part of a page that an address names in its fragment, or None if it names the whole page."""
    _, _, fragment = (url or "").strip().partition("#")
    if not fragment or _ANCHOR.fullmatch(fragment) or (not _query(fragment.lstrip("?&")) and "=" in fragment):
        return None
    return fragment


def link_number(url: str | None) -> str | None:
    """Return the number that a publisher in `PRESETS` gives an item, or None if the address has none.

    The number in /WCMS_844427/lang--fr/index.htm is `844427`. The query is ignored: its numbers are filters.
    """
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return None
    return next((match[1] for number in _NUMBERS if (match := number.search(path))), None)


def _host(name: str) -> str | None:
    host = name.rstrip(".").lower()
    if not host.isascii():
        try:
            host = ascii_host(host).lower()
        except UnicodeError:
            return None
    if ":" in host:
        host = f"[{host}]"
    while host.startswith("www.") and host.count(".") > 1:
        host = host.removeprefix("www.")
    host = MIRRORS.get(host, host)
    return host if _HOST.fullmatch(host) else None


def _path(raw: str) -> str:
    path = _escape(_SESSION.sub("", raw))
    path = _resolve(path) if "/." in path else path
    before = ""
    while path != before:
        before, path = path, _INDEX.sub("", path.rstrip("/"))
    return path


def _resolve(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[max(1, len(kept) - 1) :]
        elif part != ".":
            kept.append(part)
    return "/".join(kept)


def _escape(raw: str) -> str:
    """Return a path in which only the necessary characters are percent-encoded, in upper case."""
    parts = re.split(
        r"(%2[fF]|%3[fF]|%23|%25|%3[bB])", raw
    )  # these would change the path if they were decoded
    return "".join(
        part.upper() if number % 2 else quote(unquote_to_bytes(part), safe=_PATH_SAFE)
        for number, part in enumerate(parts)
    )


def _query(raw: str) -> str:
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return raw
    return urlencode(sorted(pair for pair in pairs if not _only_counts(*pair)))


def _only_counts(name: str, value: str) -> bool:
    """Return whether a parameter only counts visits or says where a visitor came from."""
    if _TRACKING.fullmatch(name) is not None:
        return True
    return _CAME_FROM.fullmatch(name) is not None and _CHANNEL.fullmatch(value) is not None
