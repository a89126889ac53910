"""Writing a generation of documents and swapping it in."""
