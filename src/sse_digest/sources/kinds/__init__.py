"""Source kinds: each module reads one kind of page or file."""
