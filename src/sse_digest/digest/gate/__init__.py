"""Rules that a mail must keep before it is sent."""
