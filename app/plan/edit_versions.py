"""Edits of when zones and lines hold: versions of the geometry, as values that say what they change."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_plan import FloorGeometry
from app.core.document import Venue
from app.plan.geometry_change import Change, Part, find_version
from app.plan.plan_shapes import Shape, describe_shape, find_figure, list_figures, replace_figure

LONGEST_LABEL = 1000


@dataclass(frozen=True, slots=True)
class StartVersion:
    """Let a new version hold from a moment on: what held until then, to be changed.

    What was observed before is still counted by what stood there then.
    """

    valid_from_utc_s: float
    label: str = ""

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Start a new version of the zones")

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: a version begins at that time already, or it is no time.
        """
        _check_start(venue, self.valid_from_utc_s)
        version = dataclasses.replace(
            venue.geometry_at(self.valid_from_utc_s),
            valid_from_utc_s=self.valid_from_utc_s,
            label=_check_label(self.label),
        )
        return (Change(Part.VERSIONS, None, version, len(venue.geometry_versions)),)


@dataclass(frozen=True, slots=True)
class RedrawPast:
    """Let the past be counted by a zone or line as it is in one version, wherever it was drawn otherwise.

    For a zone that was drawn wrongly, not for a stand that was moved.
    """

    shape: Shape

    @property
    def words(self) -> Phrase:
        """As every edit has."""
        return Phrase("Redraw {what} in the past, too", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """As every edit has.

        Raises:
            GeometryError: there is no such zone or line.
        """
        if self.shape.part not in (Part.ZONES, Part.LINES):
            raise GeometryError("Only zones and lines have a past.", "Choose a zone or a line.")
        figure = find_figure(venue, self.shape)
        return tuple(
            change for past in self._list_past(venue) for change in replace_figure(venue, past, figure)
        )

    def _list_past(self, venue: Venue) -> Iterator[Shape]:
        until = _order(find_version(venue, self.shape.version_utc_s))
        for version in venue.geometry_versions:
            if _order(version) < until:
                entries = list_figures(venue, self.shape.part, version.valid_from_utc_s)
                if self.shape.name in [entry.name for entry in entries]:
                    yield dataclasses.replace(self.shape, version_utc_s=version.valid_from_utc_s)


def _order(version: FloorGeometry) -> float:
    return float("-inf") if version.valid_from_utc_s is None else version.valid_from_utc_s


def _check_start(venue: Venue, valid_from_utc_s: float) -> None:
    if not math.isfinite(valid_from_utc_s):
        raise GeometryError("That is no time.", "Give one such as 2026-11-25T09:00:00Z.")
    if valid_from_utc_s in [version.valid_from_utc_s for version in venue.geometry_versions]:
        raise GeometryError(
            "A version of the zones begins at that time already.", "Edit that one, or choose another time."
        )


def _check_label(label: str) -> str:
    label = label.strip()
    if len(label) > LONGEST_LABEL:
        raise GeometryError(
            "The label has {count} characters.",
            "Give one of at most {most}.",
            count=len(label),
            most=LONGEST_LABEL,
        )
    return label
