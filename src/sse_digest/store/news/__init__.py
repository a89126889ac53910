"""Statements on items and on the pages they were read from."""
