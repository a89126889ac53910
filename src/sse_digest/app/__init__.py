"""The parts put together: settings, database, adapters. The only room that names concrete ones.

Each use case is one method of `App` that the command line, the pages and the demo share. Nothing here
prints, asks, or reads a clock that was not passed in.
"""

from sse_digest.app.core import App, Clock, Ready, Subscribed, open_app

__all__ = ["App", "Clock", "Ready", "Subscribed", "open_app"]
