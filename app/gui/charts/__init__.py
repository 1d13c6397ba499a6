"""Charts of any page."""
