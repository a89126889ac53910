"""Reading: from a page, a file or a feed to stored items."""
