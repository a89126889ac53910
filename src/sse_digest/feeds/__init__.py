"""Publishing: from stored items to a generation of feed documents."""
