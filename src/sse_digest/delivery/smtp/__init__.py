"""One SMTP session with one relay.

Read `connect` (open it, or say why not), `session` (submit messages, return their outcomes), `protocol`
(write, read the replies that are owed), `bdat` (several messages in flight), `pipelining` (how far a
relay is trusted), `envelope` (MAIL and RCPT) `replies` (what a reply means) and `reply_words` (what its
words speak of). Effects: one network connection.
"""
