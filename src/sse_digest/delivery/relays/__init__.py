"""Several relays: which one takes a message, how fast, and why it waits."""
