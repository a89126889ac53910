"""One SMTP session with one relay.

Read `connect` (open it, or say why not), `session` (submit messages, return their outcomes),
`protocol` (write, read the replies that are owed), `bdat` (several messages in flight), `pipelining`
(how far a relay is trusted), `envelope` (MAIL and RCPT) and `replies` (what a reply means). Effects: one
network connection.
"""
