"""Composing: from stored items to an issue, its editions and the mail to one person.

Read `compose` (which items an issue has), `editing` and `approval` (what editors decide), then `outline`
and `truncation` (what an edition shows), `edition` (an issue in one language, as subject, HTML and
text), `token_gaps` (where the recipient's token belongs in it) and `web_page` (the same for the archive
on the web). `mail` makes bytes of an edition; `gate` judges them before anybody gets one. `fixtures` are
made-up issues to look at; `client_support` holds facts about mail programs; `options` says what
composing needs to know.

Effects: the database, through `store`, in `compose`, `editing` and `approval`; everything else is pure.
"""
