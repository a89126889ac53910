"""Sending: from an issue to the relay, with a balanced account."""
