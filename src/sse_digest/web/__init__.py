"""The pages that an installation serves: feeds, search, unsubscribing.

`static_feeds` serves documents from memory, `search_page` finds published items, `unsubscribe` ends a
subscription, and `security_headers` adds headers to every response. Effects: an HTTP server; the database,
through `app`.
"""

import time
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sse_digest.app import App
from sse_digest.feeds.names import uri
from sse_digest.web.search_page import SearchPage
from sse_digest.web.security_headers import SecurityHeaders
from sse_digest.web.static_feeds import StaticDocuments, StaticFeeds
from sse_digest.web.unsubscribe import UnsubscribePages


def site(app: App, pages: Sequence[Route] = ()) -> Starlette:
    """Return the web application of an installation. It also serves `pages`, which may replace "/".

    Raises:
        SettingsError: public_url is not set.
    """
    options = app.settings.feed_options()
    documents = StaticDocuments(
        options.folder,
        max_age_s=options.ttl_minutes * 60,
        monotonic=time.monotonic,
        public_url=options.public_url,
        hub=uri(options.hub),
        moves=options,
    )
    return create_app(
        documents,
        UnsubscribePages(look_up=app.named_by, unsubscribe=app.unsubscribe, appearance=options.appearance),
        pages,
        searching=SearchPage(documents, options),
    )


def create_app(
    documents: StaticDocuments,
    unsubscribing: UnsubscribePages,
    pages: Sequence[Route] = (),
    *,
    searching: SearchPage | None = None,
) -> Starlette:
    """Return a web application with these pages; `pages` may replace "/"."""

    async def to_feeds(request: Request) -> Response:
        return RedirectResponse(str(request.url.replace(path="/feeds/all.html")), status_code=302)

    unsubscribe = "/unsubscribe/{token}"
    routes = [
        Route(unsubscribe, unsubscribing.page, methods=["GET"]),
        Route(unsubscribe, unsubscribing.act, methods=["POST"]),
    ]
    if searching is not None:
        routes.append(Route("/search", searching.page, methods=["GET"]))
    routes += [*pages, Route("/", to_feeds, methods=["GET"])]
    return Starlette(
        routes=routes, middleware=[Middleware(StaticFeeds, documents=documents), Middleware(SecurityHeaders)]
    )
