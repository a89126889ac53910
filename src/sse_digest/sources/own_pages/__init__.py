"""Reading the items' own pages."""
