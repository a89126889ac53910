"""What a web server must be told to serve the feeds from the folder itself; pure.

The same media types, ages and packed forms as `sse-digest serve` answers with.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from sse_digest.feeds.names import FEED_FORMATS, FORMATS, MEDIA_TYPES, uri, url_of
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.output.redirects import new_address


def nginx(options: FeedOptions) -> str:
    """Write the location for a `server` block of nginx.

    Raises:
        FeedError: `options.public_url` is not an http or https address.
    """
    kinds = {ending: kind.partition(";")[0] for ending, kind in MEDIA_TYPES.items()}
    types = "\n".join(f"        {kind} {ending};" for ending, kind in kinds.items())
    moved = "".join(f"location = {path} {{\n    return 301 {there};\n}}\n" for path, there in _moved(options))
    gone = "".join(f'location ~ "{pattern}" {{\n    return 410;\n}}\n' for pattern in _gone(options))
    hub = _hub(options)
    told = f"""\
    set $hub "";
    if ($uri ~ "{_SUBSCRIBED}") {{
        set $hub ', {hub}';
    }}
"""
    return f"""\
# The feeds, from the folder itself. Put this into the server block of {_host(options)}.
{moved}{gone}location {_path(options)} {{
    alias "{_folder(options)}/";
    types {{
{types}
    }}
    charset utf-8;
    charset_types {" ".join(kind for kind in kinds.values() if kind != "text/html")};
    gzip_static on;  # the packed forms stand beside each document
    gzip_vary on;
    # brotli_static on;  # packs better; needs a module (Debian: libnginx-mod-http-brotli-static)
    etag on;
    add_header Cache-Control "public, max-age={options.ttl_minutes * 60}";
    add_header Access-Control-Allow-Origin "*";
    add_header X-Content-Type-Options "nosniff";
{told if hub else ""}    add_header Link '<{_origin(options)}$uri>; rel="self"{"$hub" if hub else ""}';
}}
"""


def caddy(options: FeedOptions) -> str:
    """Write the directive for a site block of Caddy 2.

    Raises:
        FeedError: `options.public_url` is not an http or https address.
    """
    types = "\n".join(
        f'    @{ending} path *.{ending}\n    header @{ending} Content-Type "{kind}"'
        for ending, kind in MEDIA_TYPES.items()
    )
    moved = "".join(f"redir {path} {there} 301\n" for path, there in _moved(options))
    gone = "".join(
        f"@gone{number} path_regexp {pattern}\nhandle @gone{number} {{\n    respond 410\n}}\n"
        for number, pattern in enumerate(_gone(options))
    )
    hub = _hub(options)
    told = f"""\
    @subscribed path_regexp {_SUBSCRIBED}
    header @subscribed +Link `{hub}`
"""
    return f"""\
# The feeds, from the folder itself. Put this into the site block of {_host(options)}.
{moved}{gone}handle_path {_path(options)}* {{
    root * "{_folder(options)}"
{types}
    header Cache-Control "public, max-age={options.ttl_minutes * 60}"
    header Vary "Accept-Encoding"
    header Access-Control-Allow-Origin "*"
    header X-Content-Type-Options "nosniff"
    header Link `<{_origin(options)}{{http.request.orig_uri.path}}>; rel="self"`
{told if hub else ""}    file_server {{
        precompressed br gzip
    }}
}}
"""


_READ_INTO = {ord(sign): f"%{ord(sign):02X}" for sign in "$;{}\"'`\\"}

# What readers subscribe to: no archive is called like a language. Without braces, which Caddy reads.
_SUBSCRIBED = rf"/[a-z0-9_-]+(?:\.[a-z][a-z][a-z]?(?:-[a-z0-9]+)*)?\.(?:{'|'.join(FEED_FORMATS)})$"

HOSTS: Mapping[str, Callable[[FeedOptions], str]] = {"nginx": nginx, "caddy": caddy}


def _moved(options: FeedOptions) -> Iterator[tuple[str, str]]:
    """Yield path and new address of every document that moved."""
    for name in (f"{feed}.{format_}" for feed in sorted(options.moved_to) for format_ in FORMATS):
        there = new_address(name, options)
        if there is not None:
            yield f"{_path(options)}{name}", _quoted(there)


def _quoted(address: str) -> str:
    """Write an address as one word that neither server reads anything into.

    `$`, `;` and braces may be in an address, and mean something to them; percent-encoded they mean
    the same to whoever follows it.
    """
    return f'"{address.translate(_READ_INTO)}"'


def _gone(options: FeedOptions) -> Iterator[str]:
    """Return a pattern of the paths of all documents of each feed that was given up, its archives too."""
    endings = rf"(?:\.archive-[0-9]+)?\.(?:{'|'.join(FORMATS)})$"
    return (f"^{re.escape(_path(options) + feed)}{endings}" for feed in sorted(options.gone))


def _hub(options: FeedOptions) -> str:
    """Return what a subscribed document says of the hub in its Link header; empty: there is none."""
    hub = uri(options.hub)
    return f'<{hub.translate(_READ_INTO)}>; rel="hub"' if hub else ""


def _folder(options: FeedOptions) -> str:
    return str(options.folder.absolute() / "current")


def _path(options: FeedOptions) -> str:
    return urlsplit(url_of(options.public_url, "")).path


def _host(options: FeedOptions) -> str:
    return urlsplit(url_of(options.public_url, "")).netloc


def _origin(options: FeedOptions) -> str:
    parts = urlsplit(url_of(options.public_url, ""))
    return f"{parts.scheme}://{parts.netloc}"
