"""The use cases: settings, database and adapters put together. The only room that names concrete ones.

`facade` has the `App`, whose methods the command line, the pages and the demo share; `publishing`,
`composing`, `sending`, `people`, `suppressions`, `news`, `issue_pages` and `mail_setup` are its longer
parts. Nothing here prints, asks, or reads a clock that was not passed in.
"""

from sse_digest.app.facade import App, Clock, ReadyIssue, TokenOwner, open_app

__all__ = ["App", "Clock", "ReadyIssue", "TokenOwner", "open_app"]
