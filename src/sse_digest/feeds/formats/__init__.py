"""Writers, one for each format of document."""
