"""Values of places of a period, read once for all pages and kept."""
