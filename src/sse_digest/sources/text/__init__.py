"""Read plain text. Pure.

`dates` (with `date_words`) reads days, `timestamps` reads instants; `language` (with `language_words`)
detects languages; `charsets` decodes bytes; `line_types` recognises kinds of lines; `title_similarity`
compares titles; `urls` normalises addresses; `plain_text` makes the plain text that items contain.
"""
