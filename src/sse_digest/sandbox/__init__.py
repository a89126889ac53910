"""What only `demo` and `drill` need, on this machine only.

`maildir_smtp` is an SMTP server that keeps mails, `mailbox` shows them as pages; `counting_smtp` counts
mails and forgets them, `drill_settings` are an operator's settings with everything that leads outside
replaced, `drill_report` compares a drill with what sending promises. Effects: servers on loopback, files
in a folder that the caller names.
"""
