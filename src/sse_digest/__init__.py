"""Read a news page, publish feeds, compose a monthly digest and send it."""

__version__ = "0.1.0"
