"""The use cases, which put settings, database and adapters together.

`facade` has the `App`, whose methods the command line, the pages and the demo share; `publishing`,
`composing`, `sending`, `people`, `suppressions`, `news`, `issue_pages` and `mail_setup` have further use
cases. Nothing here prints, asks questions, or reads a clock that was not passed in.
"""

from sse_digest.app.facade import App, Clock, ReadyIssue, TokenOwner, open_app

__all__ = ["App", "Clock", "ReadyIssue", "TokenOwner", "open_app"]
