"""Composing: from stored items to an issue, its editions and the message to one person."""
