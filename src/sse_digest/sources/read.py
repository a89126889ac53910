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
    """Get a source's page or file and read it as its kind wants it.

    Returns:
        At least one item, or none where the page's list is there and empty.

    Raises:
        UsageError: there is no such kind, or not exactly one of address and file.
        SourceError: the page could not be had or read, or has no items; the message says what to do.
    """
    refuse_unknown_kind(options)
    return await read_got(await get_page(options, fetch_options), options)


def refuse_unknown_kind(options: SourceOptions) -> None:
    """Raise if nothing here reads such a source.

    Raises:
        UsageError: there is no such kind.
    """
    if options.kind not in KINDS:
        raise UsageError(f"There is no kind of source {options.kind!r}. Choose one of: {', '.join(KINDS)}.")


async def read_got(page: Page, options: SourceOptions) -> Reading:
    """Read a page that was got, of a kind there is; raises as `read_source`."""
    reading = await read_contained(page, options)
    if not reading.items and not reading.is_empty:
        raise SourceError(
            f"{page.place} has no items that the kind {options.kind!r} can find. Look at it, "
            "and check the kind."
        )
    return reading


async def get_page(options: SourceOptions, fetch_options: FetchOptions) -> Page:
    """Get a source's page, file or folder, unread.

    Raises:
        UsageError: not exactly one of address and file.
        SourceError: it could not be had.
    """
    if options.url is not None and options.path is None:
        return await fetch(options.url, fetch_options, allow_private_hosts=options.allow_private_hosts)
    if options.path is not None and options.url is None:
        get = gather if options.path.is_dir() and options.kind == "folder" else read_file
        page = await asyncio.to_thread(get, options.path, fetch_options.max_bytes)
        return page if options.base_url is None else replace(page, url=options.base_url)
    raise UsageError(f"Source {options.name!r} needs either url or path. Give exactly one of the two.")
