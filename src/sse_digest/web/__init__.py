"""The pages this installation serves: feeds, unsubscribing, the mailbox of the demo."""

import time

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sse_digest.app import App
from sse_digest.feeds.addresses import uri
from sse_digest.web.documents import Documents, Feeds
from sse_digest.web.headers import OurHeaders
from sse_digest.web.mailbox import Mailbox
from sse_digest.web.searching import Searching
from sse_digest.web.unsubscribing import Unsubscribing


def site(app: App, mailbox: Mailbox | None = None) -> Starlette:
    """Give the pages of an installation.

    Raises:
        SettingsError: public_url is not set.
    """
    options = app.settings.feed_options()
    documents = Documents(
        options.folder,
        max_age_s=options.ttl_minutes * 60,
        monotonic=time.monotonic,
        public_url=options.public_url,
        hub=uri(options.hub),
        moves=options,
    )
    return create_app(
        documents,
        Unsubscribing(look_up=app.named_by, unsubscribe=app.unsubscribe),
        mailbox,
        searching=Searching(documents, options),
    )


def create_app(
    documents: Documents,
    unsubscribing: Unsubscribing,
    mailbox: Mailbox | None = None,
    *,
    searching: Searching | None = None,
) -> Starlette:
    """Put the pages together; `mailbox` only in the demo, on loopback."""

    async def to_feeds(request: Request) -> Response:
        return RedirectResponse(str(request.url.replace(path="/feeds/all.html")), status_code=302)

    unsubscribe = "/unsubscribe/{token}"
    routes = [
        Route(unsubscribe, unsubscribing.page, methods=["GET"]),
        Route(unsubscribe, unsubscribing.act, methods=["POST"]),
    ]
    if searching is not None:
        routes.append(Route("/search", searching.page, methods=["GET"]))
    if mailbox is None:
        routes.append(Route("/", to_feeds, methods=["GET"]))
    else:
        routes.append(Route("/", mailbox.answer, methods=["GET"]))
        routes.append(Route("/{name}", mailbox.answer, methods=["GET"]))
    return Starlette(
        routes=routes, middleware=[Middleware(Feeds, documents=documents), Middleware(OurHeaders)]
    )
