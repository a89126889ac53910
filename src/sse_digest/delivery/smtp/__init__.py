"""One SMTP session: connect, submit, read the replies."""
