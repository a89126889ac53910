"""Rules that a published document must keep, and reading one back."""
