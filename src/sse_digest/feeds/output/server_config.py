"""Write the configuration with which a web server serves the feeds from their folder; pure.

Media types, cache lifetimes and compressed forms are the same as those of `sse-digest serve`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from sse_digest.feeds.names import FEED_FORMATS, FORMATS, MEDIA_TYPES, uri, url_of
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.output.redirects import new_address


def nginx(options: FeedOptions) -> str:
    """Return the location block for a `server` block of nginx.

    Raises:
        FeedError: `options.public_url` is not an http or https address.
    """
    kinds = {ending: kind.partition(";")[0] for ending, kind in MEDIA_TYPES.items()}
    types = "\n".join(f"        {kind} {ending};" for ending, kind in kinds.items())
    moved = "".join(f"location = {path} {{\n    return 301 {there};\n}}\n" for path, there in _moved(options))
    gone = "".join(f'location ~ "{pattern}" {{\n    return 410;\n}}\n' for pattern in _gone(options))
    hub = _hub(options)
    hub_lines = f"""\
    set $hub "";
    if ($uri ~ "{_SUBSCRIBED}") {{
        set $hub ', {hub}';
    }}
"""
    return f"""\
# Serves the feeds from their folder. Put this into the server block of {_host(options)}.
{moved}{gone}location {_path(options)} {{
    alias "{_folder(options)}/";
    types {{
{types}
    }}
    charset utf-8;
    charset_types {" ".join(kind for kind in kinds.values() if kind != "text/html")};
    gzip_static on;  # serves the compressed file next to each document
    gzip_vary on;
    # brotli_static on;  # compresses better; needs a module (Debian: libnginx-mod-http-brotli-static)
    etag on;
    add_header Cache-Control "public, max-age={options.ttl_minutes * 60}";
    add_header Access-Control-Allow-Origin "*";
    add_header X-Content-Type-Options "nosniff";
{hub_lines if hub else ""}    add_header Link '<{_origin(options)}$uri>; rel="self"{"$hub" if hub else ""}';
}}
"""


def caddy(options: FeedOptions) -> str:
    """Return the directives for a site block of Caddy 2.

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
    hub_lines = f"""\
    @subscribed path_regexp {_SUBSCRIBED}
    header @subscribed +Link `{hub}`
"""
    return f"""\
# Serves the feeds from their folder. Put this into the site block of {_host(options)}.
{moved}{gone}handle_path {_path(options)}* {{
    root * "{_folder(options)}"
{types}
    header Cache-Control "public, max-age={options.ttl_minutes * 60}"
    header Vary "Accept-Encoding"
    header Access-Control-Allow-Origin "*"
    header X-Content-Type-Options "nosniff"
    header Link `<{_origin(options)}{{http.request.orig_uri.path}}>; rel="self"`
{hub_lines if hub else ""}    file_server {{
        precompressed br gzip
    }}
}}
"""


_SPECIAL = {ord(sign): f"%{ord(sign):02X}" for sign in "$;{}\"'`\\"}

# Documents that readers subscribe to, not archives. The pattern has no braces, which Caddy would interpret.
_SUBSCRIBED = rf"/[a-z0-9_-]+(?:\.[a-z][a-z][a-z]?(?:-[a-z0-9]+)*)?\.(?:{'|'.join(FEED_FORMATS)})$"

HOSTS: Mapping[str, Callable[[FeedOptions], str]] = {"nginx": nginx, "caddy": caddy}


def _moved(options: FeedOptions) -> Iterator[tuple[str, str]]:
    """Yield the path and the new address of every document that moved."""
    for name in (f"{feed}.{format_}" for feed in sorted(options.moved_to) for format_ in FORMATS):
        there = new_address(name, options)
        if there is not None:
            yield f"{_path(options)}{name}", _quoted(there)


def _quoted(address: str) -> str:
    """Quote an address so that neither server interprets any part of it.

    Characters such as `$`, `;` and braces, which are special to a server, are percent-encoded; the address
    stays equivalent.
    """
    return f'"{address.translate(_SPECIAL)}"'


def _gone(options: FeedOptions) -> Iterator[str]:
    """Return a pattern for each discontinued feed that matches the paths of its documents and archives."""
    endings = rf"(?:\.archive-[0-9]+)?\.(?:{'|'.join(FORMATS)})$"
    return (f"^{re.escape(_path(options) + feed)}{endings}" for feed in sorted(options.gone))


def _hub(options: FeedOptions) -> str:
    """Return the hub as the Link header of a subscribed document names it; empty if there is none."""
    hub = uri(options.hub)
    return f'<{hub.translate(_SPECIAL)}>; rel="hub"' if hub else ""


def _folder(options: FeedOptions) -> str:
    return str(options.folder.absolute() / "current")


def _path(options: FeedOptions) -> str:
    return urlsplit(url_of(options.public_url, "")).path


def _host(options: FeedOptions) -> str:
    return urlsplit(url_of(options.public_url, "")).netloc


def _origin(options: FeedOptions) -> str:
    parts = urlsplit(url_of(options.public_url, ""))
    return f"{parts.scheme}://{parts.netloc}"
