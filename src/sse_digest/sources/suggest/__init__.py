"""Propose how a page could be read as a source.

Entry point: `suggest`. `layouts` finds the elements that repeat on a page. Effects: child processes, through
`kinds`.
"""
