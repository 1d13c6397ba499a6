"""A camera leaves a venue: an edit like those of the plan, so that undoing it puts it back as it was."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.errors import Phrase
from analytics.domain.identifiers import CameraId
from app.core.document import Venue
from app.plan.geometry_change import Change, Part


@dataclass(frozen=True, slots=True)
class RemoveCamera:
    """Take a camera out of a venue, with its address, calibration and masks.

    What was observed stays in the history, what somebody decided about its tracks in the venue, and its
    password in the credential store: nothing that cannot be taken back is done.
    """

    camera: CameraId

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Remove {what}", {"what": Phrase("camera '{name}'", {"name": self.camera})})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            VenueError: there is no such camera.
        """
        entry = venue.camera(self.camera)
        return (Change(Part.CAMERAS, entry, None, venue.cameras.index(entry)),)
