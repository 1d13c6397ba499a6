"""Privacy settings, erasing data, and the privacy documents of a venue."""
