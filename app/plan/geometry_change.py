"""What an edit changes in a venue: parts as they were and as they are, so that each change has its inverse.

Undoing restores the parts that an edit changed and nothing else, so that what others changed meanwhile (a
camera, another zone) stays; where the part itself was changed by others, it is refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle, PlanPicture
from analytics.domain.planned_camera import PlannedCamera
from analytics.domain.zone import CountingLine, Zone
from analytics.domain.zone_targets import ZoneTargets
from analytics.visitors.false_positives.corrections import Corrections
from app.core.change_set import ChangeSet
from app.core.document import Venue, VenueCamera


class Part(StrEnum):
    """Which part of a venue changes."""

    ZONES = "zones"
    LINES = "lines"
    OBSTACLES = "obstacles"
    OUTLINE = "outline"
    PICTURE = "picture"
    VERSIONS = "versions"
    CAMERAS = "cameras"
    CORRECTIONS = "corrections"
    PLANNED_CAMERAS = "planned_cameras"
    TARGETS = "targets"


Value = (
    Zone
    | CountingLine
    | Obstacle
    | Polygon
    | PlanPicture
    | FloorGeometry
    | VenueCamera
    | Corrections
    | PlannedCamera
    | ZoneTargets
    | None
)
Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a venue before and after.

    Attributes:
        before: None where something is added.
        after: None where something is removed.
        index: where in its list it is removed from or added to.
        version_utc_s: of which version of the geometry, for zones and lines.
    """

    part: Part
    before: Value
    after: Value
    index: int = 0
    version_utc_s: float | None = None

    def invert(self) -> Change:
        """The change that takes this one back."""
        return dataclasses.replace(self, before=self.after, after=self.before)


class GeometryEdit(Protocol):
    """Something that a person does to the plan, its zones and its lines."""

    @property
    def words(self) -> Phrase:
        """What it is called after "Undo" in a menu."""

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """What it changes in a venue; nothing has been changed yet.

        Raises:
            ExpoFlowError: it cannot be done; names the field, and what to do.
        """


def invert_changes(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes that take several back, last first."""
    return tuple(change.invert() for change in reversed(changes))


def apply_changes(venue: Venue, changes: Iterable[Change]) -> Venue:
    """A venue with changes made, all of them or none.

    Raises:
        GeometryError: something is no longer as it was when the change was made.
        VenueError: two zones, lines or versions would be confused.
    """
    plan, versions = venue.plan, list(venue.geometry_versions)
    cameras, corrections = list(venue.cameras), venue.corrections
    planned, targets = list(venue.planned_cameras), list(venue.targets)
    for change in changes:
        match change.part:
            case Part.ZONES | Part.LINES:
                _change_version(versions, change)
            case Part.OBSTACLES | Part.OUTLINE | Part.PICTURE:
                plan = _change_plan(plan, change)
            case Part.VERSIONS:
                _change_list(versions, change, FloorGeometry)
                versions.sort(key=_beginning)
            case Part.CAMERAS:
                _change_list(cameras, change, VenueCamera)
            case Part.PLANNED_CAMERAS:
                _change_list(planned, change, PlannedCamera)
            case Part.TARGETS:
                _change_list(targets, change, ZoneTargets)
            case Part.CORRECTIONS:
                _require_same(corrections, change)
                assert isinstance(change.after, Corrections)
                corrections = change.after
    return dataclasses.replace(
        venue,
        plan=plan,
        geometry_versions=tuple(versions),
        cameras=tuple(cameras),
        corrections=corrections,
        planned_cameras=tuple(planned),
        targets=tuple(targets),
    )


def merge_changes(earlier: Sequence[Change], later: Sequence[Change]) -> tuple[Change, ...]:
    """Two groups of changes, made one after the other, as one; what returns to where it was drops out."""
    merged = list(earlier)
    for change in later:
        at = _find_predecessor(merged, change)
        if at is None:
            merged.append(change)
            continue
        joined = dataclasses.replace(merged[at], after=change.after)
        if joined.before == joined.after:
            del merged[at]
        else:
            merged[at] = joined
    return tuple(merged)


def summarise_changes(changes: Iterable[Change]) -> ChangeSet:
    """Which pages have to read again."""
    parts = {change.part for change in changes}
    return ChangeSet(
        cameras=Part.CAMERAS in parts,
        zones=bool(parts & {Part.ZONES, Part.LINES, Part.VERSIONS}),
        plan=bool(parts & {Part.OBSTACLES, Part.OUTLINE, Part.PICTURE}),
        settings=Part.CORRECTIONS in parts,
        planned_cameras=Part.PLANNED_CAMERAS in parts,
        targets=Part.TARGETS in parts,
    )


def find_version(venue: Venue, version_utc_s: float | None) -> FloorGeometry:
    """The version of the geometry that begins at a moment; None: the one without a beginning.

    Raises:
        GeometryError: there is none.
    """
    for geometry in venue.geometry_versions:
        if geometry.valid_from_utc_s == version_utc_s:
            return geometry
    raise GeometryError(
        "No version of the zones begins at that time.",
        "Choose one of those that there are, or start a new one from that time.",
    )


def _find_predecessor(merged: Sequence[Change], change: Change) -> int | None:
    """The last change, if it led to where this one starts and nothing after it depends on the order."""
    if change.before is None or change.after is None:
        return None
    for at in range(len(merged) - 1, -1, -1):
        other = merged[at]
        if (other.part, other.version_utc_s) != (change.part, change.version_utc_s):
            continue
        if other.after == change.before:
            return at
    return None


def _change_version(versions: list[FloorGeometry], change: Change) -> None:
    for at, version in enumerate(versions):
        if version.valid_from_utc_s != change.version_utc_s:
            continue
        if change.part is Part.ZONES:
            zones = list(version.zones)
            _change_list(zones, change, Zone)
            versions[at] = dataclasses.replace(version, zones=tuple(zones))
        else:
            lines = list(version.lines)
            _change_list(lines, change, CountingLine)
            versions[at] = dataclasses.replace(version, lines=tuple(lines))
        return
    raise _make_conflict()


def _change_plan(plan: FloorPlan, change: Change) -> FloorPlan:
    match change.part:
        case Part.OBSTACLES:
            obstacles = list(plan.obstacles)
            _change_list(obstacles, change, Obstacle)
            return dataclasses.replace(plan, obstacles=tuple(obstacles))
        case Part.OUTLINE:
            _require_same(plan.outline, change)
            assert isinstance(change.after, Polygon)
            return dataclasses.replace(plan, outline=change.after)
        case _:
            _require_same(plan.picture, change)
            assert change.after is None or isinstance(change.after, PlanPicture)
            return dataclasses.replace(plan, picture=change.after)


def _change_list(entries: list[Entry], change: Change, kind: type[Entry]) -> None:
    """Replace, remove or add an entry; the same values are looked for, wherever they are in the list."""
    at = min(change.index, len(entries))
    if change.before is not None:
        at = _find_entry(entries, change.before, near=at)
        del entries[at]
    if change.after is not None:
        assert isinstance(change.after, kind)
        entries.insert(at, change.after)


def _find_entry(entries: Sequence[object], wanted: object, *, near: int) -> int:
    if near < len(entries) and entries[near] == wanted:
        return near
    for at, entry in enumerate(entries):
        if entry == wanted:
            return at
    raise _make_conflict()


def _require_same(value: object, change: Change) -> None:
    if value != change.before:
        raise _make_conflict()


def _make_conflict() -> GeometryError:
    return GeometryError(
        "The plan was changed by somebody else meanwhile.", "Look at it as it is now, then edit it again."
    )


def _beginning(geometry: FloorGeometry) -> float:
    return float("-inf") if geometry.valid_from_utc_s is None else geometry.valid_from_utc_s


def name_value(value: Value) -> Phrase:
    """What a changed part is called in a sentence."""
    match value:
        case Zone(name=name):
            return Phrase("zone '{name}'", {"name": name})
        case CountingLine(name=name):
            return Phrase("line '{name}'", {"name": name})
        case Obstacle(name=name):
            return Phrase("obstacle '{name}'", {"name": name})
        case PlannedCamera(name=name):
            return Phrase("camera '{name}'", {"name": name})
        case _:
            return Phrase("the plan")
