"""Taking a reading into the store: match, revise, track presence, detect drift."""
