"""Submit messages over one SMTP session with one relay.

Modules: `connect` (open a session, or explain why not), `session` (submit messages and return their
outcomes), `protocol` (write commands and read the expected replies), `bdat` (several messages in flight),
`pipelining` (how far a relay is trusted), `envelope` (MAIL and RCPT), `replies` (what a reply means) and
`reply_words` (what the words of a reply are about). Effects: one network connection.
"""
