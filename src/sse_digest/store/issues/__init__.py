"""Statements on `issues` with their items and editions, and on `issue_edits`: what editors decided."""
