"""Read one source from its address or file, without storing anything."""

import asyncio
from dataclasses import replace

from sse_digest.errors import SourceError, UsageError
from sse_digest.model.items import Reading
from sse_digest.sources import KINDS
from sse_digest.sources.http.client import fetch
from sse_digest.sources.kinds.folder import gather
from sse_digest.sources.kinds.sandbox import read_contained
from sse_digest.sources.options import FetchOptions, SourceOptions
from sse_digest.sources.page import Page, read_file


async def read_source(options: SourceOptions, fetch_options: FetchOptions) -> Reading:
    """Get a source's page or file, and read it with the reader of its kind.

    Returns:
        A reading with at least one item, or with none if the page's list exists and is empty.

    Raises:
        UsageError: there is no such kind, or the source does not have exactly one of url and path.
        SourceError: the page could not be fetched or read, or has no items; the message says what to do.
    """
    refuse_unknown_kind(options)
    return await read_got(await get_page(options, fetch_options), options)


def refuse_unknown_kind(options: SourceOptions) -> None:
    """Raise if there is no reader for the source's kind.

    Raises:
        UsageError: there is no such kind.
    """
    if options.kind not in KINDS:
        raise UsageError(f"There is no kind of source {options.kind!r}. Choose one of: {', '.join(KINDS)}.")


async def read_got(page: Page, options: SourceOptions) -> Reading:
    """Read a page of a source whose kind exists.

    Raises:
        SourceError: as for `read_source`.
    """
    reading = await read_contained(page, options)
    if not reading.items and not reading.is_empty:
        raise SourceError(
            f"{page.place} has no items that a reader of kind {options.kind!r} can find. Look at it, "
            "and check the kind of the source."
        )
    return reading


async def get_page(options: SourceOptions, fetch_options: FetchOptions) -> Page:
    """Get a source's page, file or folder, without reading items from it.

    Raises:
        UsageError: the source does not have exactly one of url and path.
        SourceError: the page could not be fetched, or the file or folder could not be read.
    """
    if options.url is not None and options.path is None:
        return await fetch(options.url, fetch_options, allow_private_hosts=options.allow_private_hosts)
    if options.path is not None and options.url is None:
        get = gather if options.path.is_dir() and options.kind == "folder" else read_file
        page = await asyncio.to_thread(get, options.path, fetch_options.max_bytes)
        return page if options.base_url is None else replace(page, url=options.base_url)
    raise UsageError(f"Source {options.name!r} needs either url or path. Set exactly one of the two.")
