"""Statements on issues, their items and editions (`issues`), and on editors' decisions (`issue_edits`)."""
