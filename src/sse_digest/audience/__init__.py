"""Subscribing: who receives a digest, and who must not."""
