"""Names that identify things in a venue, each unique among its kind."""

from __future__ import annotations

from typing import NewType

CameraId = NewType("CameraId", str)
"""A camera's name in the venue, as in every file's ``camera`` column."""

ZoneId = NewType("ZoneId", str)
"""A zone's name on the plan."""

LineId = NewType("LineId", str)
"""A counting line's name on the plan."""

TrackletId = NewType("TrackletId", int)
"""Number of an unbroken piece of one person's path, unique within a venue or an analysed file."""
