"""The unsubscribe link in mails: a page with one button on GET, one-click on POST (RFC 8058).

GET and HEAD change nothing. POST needs no cookie, redirect or confirmation, and can be repeated.
"""

from collections.abc import Callable
from dataclasses import dataclass

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sse_digest.app import TokenOwner
from sse_digest.errors import TokenError
from sse_digest.rendering.design import DEFAULT_APPEARANCE, Appearance
from sse_digest.rendering.environment import make_environment
from sse_digest.rendering.resources import folder
from sse_digest.rendering.translations import load

BODY_LIMIT = 10_000  # bytes; the only field takes 26, or some hundred in a multipart form


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribePages:
    """The unsubscribe pages. Both functions raise TokenError for an invalid token."""

    look_up: Callable[[str], TokenOwner]
    unsubscribe: Callable[[str], TokenOwner]
    appearance: Appearance = DEFAULT_APPEARANCE

    async def page(self, request: Request) -> Response:
        """Show whose link it is, and a button to unsubscribe."""
        return await self._answer(request, self.look_up, done=False)

    async def act(self, request: Request) -> Response:
        """End the subscription; called by the page's button and by mail programs."""
        if not await _is_one_click(request):
            return self._refusal(request, 400)
        return await self._answer(request, self.unsubscribe, done=True)

    async def _answer(self, request: Request, call: Callable[[str], TokenOwner], *, done: bool) -> Response:
        try:
            found = await run_in_threadpool(call, request.path_params["token"])
        except TokenError:
            return self._refusal(request, 404)
        environment = self._environment(found.language or _preferred(request))
        template = environment.get_template("unsubscribe.html")
        page = template.render(list_title=found.list_title, address=found.address, done=done)
        return HTMLResponse(page, headers=_PRIVATE)

    def _refusal(self, request: Request, status: int) -> Response:
        page = (
            self._environment(_preferred(request))
            .get_template("unsubscribe.html")
            .render(list_title=None, address=None, done=False)
        )
        return HTMLResponse(page, status_code=status, headers=_PRIVATE)

    def _environment(self, language: str | None) -> Environment:
        return make_environment(folder("templates") / "web", load(language), self.appearance)


_PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}


def _preferred(request: Request) -> str | None:
    """Return the first language in Accept-Language, or None if there is none."""
    return request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip() or None


async def _is_one_click(request: Request) -> bool:
    """Return whether the body is the field of RFC 8058 section 3.2, in either form encoding.

    The value is constant, so it is enough to look for the field's name and value.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return False
    return b"List-Unsubscribe" in body and b"One-Click" in body
