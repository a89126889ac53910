"""Statements on issues and on what editors decided."""
