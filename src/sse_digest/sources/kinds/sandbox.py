"""Run a reader in a separate process, with limited time and memory.

A few kilobytes of HTML can make a standard parser use gigabytes or hours (nested or reopened elements,
thousands of attributes). In the reader process, such a page only makes its own source fail. The process
returns JSON, so that it can return nothing but a reading or a problem.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sse_digest.errors import SourceError
from sse_digest.model.items import Precision, Reading, ReadItem
from sse_digest.model.reading_stats import PageSignals
from sse_digest.sources import KINDS
from sse_digest.sources.html.page_checks import page_signs, with_article
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page

MAX_MEMORY_BYTES = 1_500_000_000
MAX_TIME_S = 10

_CHILD = "from sse_digest.sources.kinds.sandbox import answer; answer()"


async def read_contained(page: Page, options: SourceOptions) -> Reading:
    """Read a page with the reader of its source's kind, in a reader process.

    Raises:
        SourceError: the reader refused the page, failed, or needed too much time or memory.
    """
    return _reading(*await _run(_CHILD, page, options), page)


async def run_contained(code: str, page: Page, options: SourceOptions) -> bytes:
    """Run Python code of this program on a page, in a reader process, and return its standard output.

    Raises:
        SourceError: it needed too much time or memory, or the process could not be started.
    """
    output, _, ended = await _run(code, page, options)
    if ended is not None and ended < 0:
        raise _overdone(page)
    return output


async def _run(code: str, page: Page, options: SourceOptions) -> tuple[bytes, bytes, int | None]:
    """Return standard output, standard error and the exit code; a negative code is that of a signal."""
    try:
        # -P: a file in the current folder must not replace a module of this program.
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", code),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise SourceError(f"{page.place} was not read: no process could be started ({error}).") from error
    try:
        async with asyncio.timeout(MAX_TIME_S * 1.5):
            output, complaint = await child.communicate(_request(page, options))
    except TimeoutError as error:
        raise _overdone(page) from error
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.communicate()
    return output, complaint, child.returncode


_READ_BY = ("name", "kind", "url", "preset", "language", "max_pages")  # no path: the child opens no file


def _request(page: Page, options: SourceOptions) -> bytes:
    head = {
        "page": {name: getattr(page, name) for name in ("place", "url", "content_type", "charset")},
        "source": {name: getattr(options, name) for name in _READ_BY}
        | {"selectors": dict(options.selectors)},
    }
    return json.dumps(head).encode("ascii") + b"\n" + page.data


def _reading(output: bytes, complaint: bytes, code: int | None, page: Page) -> Reading:
    try:
        answered: dict[str, Any] = json.loads(output)
    except ValueError as error:
        if code is not None and code < 0:
            raise _overdone(page) from error
        last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise SourceError(
            f"{page.place} was not read: its reader failed ({last}). Please report this."
        ) from error
    if "problem" in answered:
        guard = answered.get("guard")
        hint = f" The page calls itself {with_article(guard)}." if guard else ""
        raise SourceError(f"{answered['problem']}{hint}")
    return Reading(
        items=tuple(_item(values) for values in answered["items"]),
        warnings=tuple(answered["warnings"]),
        language=answered["language"],
        is_empty=bool(answered["is_empty"]),
        signs=PageSignals(**answered["signs"]),
    )


def _item(values: dict[str, Any]) -> ReadItem:
    published, at = values.pop("published"), values.pop("published_at")
    return ReadItem(
        published=date.fromisoformat(published) if published else None,
        published_at=datetime.fromisoformat(at) if at else None,
        precision=Precision(values.pop("precision")),
        warnings=tuple(values.pop("warnings")),
        **values,
    )


def _overdone(page: Page) -> SourceError:
    return SourceError(
        f"{page.place} needs more than {MAX_TIME_S} s or {MAX_MEMORY_BYTES / 1e9:g} GB to be read, so it was "
        "not read. No news page needs as much. Look at it in a browser."
    )


# ------------------------------------------------------------------ inside the process


def answer() -> None:
    """Read the page on standard input and write its reading, or the problem, to standard output."""
    bound()
    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    page, options = Page(data=data, **asked["page"]), SourceOptions(**asked["source"])
    try:
        reading = KINDS[options.kind](page, options)
        signs = replace(page_signs(page), next_page=reading.signs.next_page, links=reading.signs.links)
        result = asdict(replace(reading, signs=signs))
    except SourceError as error:
        result = {"problem": str(error), "guard": page_signs(page).guard}
    except MemoryError:
        result = {"problem": str(_overdone(page))}
    sys.stdout.write(json.dumps(result, default=str))


def bound() -> None:
    """Limit the memory and time of this process; on Windows, only the time-out of the parent applies."""
    with suppress(ImportError):
        import resource  # noqa: PLC0415 - POSIX only

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_TIME_S, MAX_TIME_S))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
