"""Proposing how a page could be read as a source."""
