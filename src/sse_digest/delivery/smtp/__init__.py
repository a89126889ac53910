"""Submit messages over one SMTP session with one relay.

Modules: `connect` (open a session), `unavailable` (why it cannot be opened), `dial` (choose among a host's
addresses), `protection` (TLS), `authentication`, `session` (submit messages and return their
outcomes), `protocol` (write commands and read the expected replies), `bdat` (several messages in flight),
`pipelining` (how far a relay is trusted), `envelope` (MAIL and RCPT), `replies` (what a reply means) and
`reply_words` (what the words of a reply are about). Effects: one network connection.
"""
