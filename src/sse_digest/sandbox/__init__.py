"""Local servers and settings for `demo` and `drill` only.

`maildir_smtp` is an SMTP server that keeps mails, and `mailbox` shows them as pages. `counting_smtp` counts
mails and forgets them, `drill_settings` replaces everything external in an operator's settings, and
`drill_report` compares a drill with the promises of sending. Effects: servers on loopback; files in a folder
that the caller names.
"""
