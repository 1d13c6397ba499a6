"""The text of the user guide."""
