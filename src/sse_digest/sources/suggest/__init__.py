"""Proposing how a page could be read as a source.

`suggest` is the entry, `layouts` finds what repeats. Pure.
"""
