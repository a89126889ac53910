"""Cells of a table that people open in a spreadsheet: no cell may run as a formula.

`unprotect` undoes `protect` exactly, so that what was exported can be imported.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_PROTECTED = re.compile(r"'+[=+\-@\t\r\n]")


def protect(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unprotect(text: str) -> str:
    """Take that apostrophe away."""
    return text[1:] if _PROTECTED.match(text) else text
