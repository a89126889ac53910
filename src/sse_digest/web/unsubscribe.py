"""The mail's unsubscribe link: a page with one button on GET, one-click on POST (RFC 8058).

Nothing changes on GET or HEAD. A POST acts without cookie, redirect or question, as often as it comes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sse_digest.app import TokenOwner
from sse_digest.errors import TokenError
from sse_digest.rendering.environment import make_environment
from sse_digest.rendering.resources import folder
from sse_digest.rendering.translations import load

BODY_LIMIT = 10_000  # bytes; the one field takes 26, in a multipart form some hundred


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribePages:
    """What the pages need done: both raise LinkError for a token that is not ours."""

    look_up: Callable[[str], TokenOwner]
    unsubscribe: Callable[[str], TokenOwner]

    async def page(self, request: Request) -> Response:
        """Show whom the link is for, and one button."""
        return await self._answer(request, self.look_up, done=False)

    async def act(self, request: Request) -> Response:
        """End the subscription; also what a mail program's own button calls."""
        if not await _is_one_click(request):
            return self._refusal(request, 400)
        return await self._answer(request, self.unsubscribe, done=True)

    async def _answer(self, request: Request, call: Callable[[str], TokenOwner], *, done: bool) -> Response:
        try:
            found = await run_in_threadpool(call, request.path_params["token"])
        except TokenError:
            return self._refusal(request, 404)
        environment = _environment(found.language or _preferred(request))
        template = environment.get_template("unsubscribe.html")
        page = template.render(list_title=found.list_title, address=found.address, done=done)
        return HTMLResponse(page, headers=_PRIVATE)

    def _refusal(self, request: Request, status: int) -> Response:
        page = (
            _environment(_preferred(request))
            .get_template("unsubscribe.html")
            .render(list_title=None, address=None, done=False)
        )
        return HTMLResponse(page, status_code=status, headers=_PRIVATE)


_PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}


def _environment(language: str | None) -> Environment:
    return make_environment(folder("templates") / "web", load(language))


def _preferred(request: Request) -> str | None:
    """Return the first language the browser asks for, or None if it asks for none."""
    return request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip() or None


async def _is_one_click(request: Request) -> bool:
    """Return whether the body is the one field of RFC 8058 section 3.2, in either form encoding.

    The field has no values to read, so looking for its name and value is all the parsing there is.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return False
    return b"List-Unsubscribe" in body and b"One-Click" in body
