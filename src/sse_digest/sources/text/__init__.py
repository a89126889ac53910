"""Reading plain text. Pure.

`dates` (with `date_words`) reads days, `timestamps` instants; `language` (with `language_words`) tells
languages; `charsets` makes text of bytes; `line_types` tells what a line is; `title_similarity` compares
titles; `urls` folds addresses; `plain_text` is the form in which items carry text.
"""
