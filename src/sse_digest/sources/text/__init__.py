"""Reading plain text: dates, languages, charsets, titles and URLs."""
