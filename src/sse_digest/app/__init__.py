"""The parts put together: settings, database, adapters. The only room that names concrete ones.

Each use case is one method of `App` that the command line, the pages and the demo share. Nothing here
prints, asks, or reads a clock that was not passed in.
"""

from sse_digest.app.facade import App, Clock, ReadyIssue, TokenOwner, open_app

__all__ = ["App", "Clock", "ReadyIssue", "TokenOwner", "open_app"]
