"""Names of what is no zone at the ends of moves and paths."""

OUTSIDE = "outside"
"""Outside the hall, or not observed."""
CAME, LEFT, LOST = "<came>", "<left>", "<lost>"
"""Came in outside an entrance zone, seen to leave, track lost."""
OTHERS = "<others>"
"""Zones with few visitors, or beyond the room of a diagram."""
NO_ZONES = (OUTSIDE, CAME, LEFT, LOST, OTHERS)
