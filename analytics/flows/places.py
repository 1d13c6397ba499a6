"""Name of what is no zone at the ends of moves."""

OUTSIDE = "outside"
"""Outside the hall, or not observed."""
