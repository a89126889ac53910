"""Turn stored items into an issue, its editions and the mail to one person.

Read `compose` (which items an issue has), `editing` and `approval` (what editors decide), then `outline`
and `truncation` (what an edition shows), `edition` (an issue in one language, as subject, HTML and
text), `token_gaps` (where the recipient's token belongs in it) and `web_page` (the same for the archive
on the web). `mail` turns an edition into bytes; `gate` checks them before a mail is sent. `fixtures` makes
sample issues for previews; `client_support` lists what mail programs do not support; `options` holds the
settings that messages need.

Effects: the database, through `store`, in `compose`, `editing` and `approval`; everything else is pure.
"""
