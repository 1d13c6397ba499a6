"""Drafts of changed layouts in a venue's ``drafts.toml``, and what one becomes when it is built."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import shapely
from pydantic import Field

from analytics.domain.errors import GeometryError, Phrase, VenueError
from analytics.domain.floor_geometry import Point
from analytics.domain.floor_plan import FloorGeometry, Obstacle
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.forecast.layout import pair_doors
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.document import Venue
from app.core.file_schema import (
    FieldMapping,
    LineEntry,
    Moment,
    NamedEntry,
    ObstacleEntry,
    Section,
    ZoneEntry,
)
from app.core.toml_file import read_toml_file, write_toml_file
from app.plan.copied_shapes import find_free_name
from app.plan.edit_geometry import RemoveShape, StartVersion
from app.plan.plan_shapes import (
    Change,
    Part,
    Shape,
    check_name,
    describe_shape,
    find_plan_item,
    list_points,
    replace_plan_item,
    with_points,
)

FILE_NAME = "drafts.toml"
FORMAT = 1
MAX_ARRIVALS_SCALE = 10.0
_INSIDE_SHARE = 0.8
"""Share of an obstacle within a stand above which it belongs to the stand, and moves with it."""


@dataclass(frozen=True, slots=True)
class EntranceShare:
    """The share of the arrivals by an entrance, as somebody expects it."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class LayoutDraft:
    """A layout that somebody thinks about; nothing is counted by it.

    Attributes:
        arrivals_scale: expected visitors over those of the observed days.
        entrance_shares: of some entrances, the last given one last; the others share the rest as observed.
        kept_from_utc_s: start of the layout version that it became; None: it is a draft only.
    """

    name: str
    zones: tuple[Zone, ...] = ()
    lines: tuple[CountingLine, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    arrivals_scale: float = 1.0
    kept_from_utc_s: float | None = None
    entrance_shares: tuple[EntranceShare, ...] = ()

    @property
    def geometry(self) -> FloorGeometry:
        """Return its zones and lines."""
        return FloorGeometry(self.zones, self.lines)

    @property
    def share_by_entrance(self) -> dict[str, float]:
        """Return the given shares of the arrivals."""
        return {given.name: given.share for given in self.entrance_shares}

    def with_entrance_share(self, name: str, share: float, entrances: Collection[str]) -> LayoutDraft:
        """Return the draft with a given share; at least one other entrance keeps sharing the rest.

        Args:
            entrances: all of the layout.
        """
        others = [given for given in self.entrance_shares if given.name != name]
        if len(others) + 1 >= len(entrances):
            others = others[1:]
        return dataclasses.replace(self, entrance_shares=(*others, EntranceShare(name, share)))


class _EntranceShareEntry(NamedEntry):
    makes = EntranceShare

    share: Annotated[float, Field(ge=0, le=1)]


class _DraftEntry(NamedEntry):
    makes = LayoutDraft

    arrivals_scale: Annotated[float, Field(gt=0, le=MAX_ARRIVALS_SCALE)] = 1.0
    kept_from: Annotated[Moment | None, FieldMapping("kept_from_utc_s")] = None
    entrance_shares: list[_EntranceShareEntry] = Field([])
    zones: list[ZoneEntry] = Field([])
    lines: list[LineEntry] = Field([])
    obstacles: list[ObstacleEntry] = Field([])


@dataclass(frozen=True, slots=True)
class _Drafts:
    drafts: tuple[LayoutDraft, ...] = ()


class _DraftsFile(Section):
    makes = _Drafts

    format: int
    drafts: list[_DraftEntry] = Field([])


DraftChange = tuple[LayoutDraft | None, LayoutDraft | None]
"""A draft before and after; None where there is none."""


@dataclass(frozen=True, slots=True)
class DraftStep:
    """Changes of drafts that are undone together.

    Attributes:
        words: name of the edit after "Undo" in a menu.
        gesture: steps of one gesture (such as a key held down) are merged; None: a step of its own.
    """

    words: Phrase
    changes: tuple[DraftChange, ...]
    gesture: Hashable = None

    def invert(self) -> Self:
        """Return the step that undoes this one."""
        return dataclasses.replace(self, changes=tuple((after, before) for before, after in self.changes))

    def apply(self, drafts: Sequence[LayoutDraft]) -> tuple[LayoutDraft, ...]:
        """Return the drafts after the step, in order of their names.

        Raises:
            VenueError: somebody else changed one of them.
        """
        left = list(drafts)
        for before, _after in self.changes:
            if before is None:
                continue
            if before not in left:
                raise VenueError(
                    "Someone else has changed the draft '{name}' in the meantime.",
                    "Review the current draft, then edit it again.",
                    name=before.name,
                )
            left.remove(before)
        for _before, after in self.changes:
            if after is not None:
                check_name(
                    after.name,
                    used=[draft.name for draft in left],
                    what=Phrase("draft '{name}'", {"name": after.name}),
                )
                left.append(after)
        return tuple(sorted(left, key=lambda draft: draft.name.casefold()))

    def merge(self, later: DraftStep) -> DraftStep | None:
        """Return both as one step if they belong to one gesture; None otherwise."""
        if self.gesture is None or self.gesture != later.gesture:
            return None
        ((before, between), *_), ((start, after), *_) = self.changes, later.changes
        if between != start:
            return None
        return dataclasses.replace(self, changes=((before, after),) if before != after else ())


def read_drafts(folder: Path) -> tuple[LayoutDraft, ...]:
    """Return the drafts of a venue in order of their names; empty without a file.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    known = read_toml_file(
        folder / FILE_NAME,
        lambda document: _DraftsFile.model_validate(document).make(),
        format_known=FORMAT,
        make_unreadable=_make_unreadable,
    )
    return () if known is None else tuple(sorted(known.drafts, key=lambda draft: draft.name.casefold()))


@changes_venue(
    Permission.EDIT_PLAN, "drafts changed", naming=lambda step: {"drafts": ", ".join(_list_names(step))}
)
def change_drafts(folder: Path, step: DraftStep) -> tuple[LayoutDraft, ...]:
    """Write a step, and return all drafts after it.

    Raises:
        VenueError: somebody else changed the same draft, or the file cannot be read or written.
        GeometryError: a name is taken or none.
    """
    drafts = step.apply(read_drafts(folder))
    write_toml_file(folder / FILE_NAME, {**_DraftsFile.describe(_Drafts(drafts), format=FORMAT)})
    return drafts


def make_draft(venue: Venue, geometry: FloorGeometry, *, name: str, used: Iterable[str]) -> LayoutDraft:
    """Return a draft that is still the layout it begins with; a number is added to a name in use."""
    return LayoutDraft(
        find_free_name(name, used=list(used)), geometry.zones, geometry.lines, venue.plan.obstacles
    )


def draft_venue(venue: Venue, draft: LayoutDraft) -> Venue:
    """Return the venue as if a draft were its only layout, so that every edit and check of a plan fits."""
    return dataclasses.replace(
        venue,
        plan=dataclasses.replace(venue.plan, obstacles=draft.obstacles),
        geometry_versions=(draft.geometry,),
    )


def with_layout_of(draft: LayoutDraft, venue: Venue) -> LayoutDraft:
    """Return a draft with the layout of its edited venue, see `draft_venue`."""
    geometry = venue.geometry_at(None)
    shapes: tuple[Zone | CountingLine, ...] = (*geometry.zones, *geometry.lines)
    doors = {str(shape.name) for shape in shapes if shape.kind is ZoneKind.ENTRANCE}
    return dataclasses.replace(
        draft,
        zones=geometry.zones,
        lines=geometry.lines,
        obstacles=venue.plan.obstacles,
        entrance_shares=tuple(given for given in draft.entrance_shares if given.name in doors),
    )


def _list_names(step: DraftStep) -> list[str]:
    return sorted({draft.name for change in step.changes for draft in change if draft is not None})


def _make_unreadable(file: Path, cause: str | Phrase) -> VenueError:
    return VenueError(
        "This version cannot read {file} as drafts of layouts: {cause}.",
        "Delete the file, or restore a valid copy; its drafts must then be drawn again.",
        file=file,
        cause=cause,
    )


@dataclass(frozen=True, slots=True)
class MoveStand:
    """Move a zone, line or obstacle; what stands inside a zone moves with it, and a door's zone and line."""

    shape: Shape
    by_m: Point

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Move {what}", {"what": describe_shape(self.shape)})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the changes that the edit makes to a venue.

        Raises:
            GeometryError: there is no such shape, or it would lie too far off.
        """
        moved = [self.shape, *list_same_door(venue, self.shape), *list_shapes_inside(venue, self.shape)]
        return tuple(change for shape in moved for change in _move(venue, shape, self.by_m))


@dataclass(frozen=True, slots=True)
class SwapStands:
    """Have two stands change places: each takes the floor of the other."""

    first: Shape
    second: Shape

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase(
            "Swap {what} and {other}",
            {"what": describe_shape(self.first), "other": describe_shape(self.second)},
        )

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the changes that the edit makes to a venue.

        Raises:
            GeometryError: one of them is no zone of the plan.
        """
        first, second = find_plan_item(venue, self.first), find_plan_item(venue, self.second)
        if not (isinstance(first, Zone) and isinstance(second, Zone)):
            raise GeometryError("Only stands can be swapped.", "Choose two stands.")
        return (
            *replace_plan_item(venue, self.first, dataclasses.replace(first, outline=second.outline)),
            *replace_plan_item(venue, self.second, dataclasses.replace(second, outline=first.outline)),
        )


@dataclass(frozen=True, slots=True)
class KeepDraft:
    """Make a draft the layout version that begins at a time; earlier days keep theirs."""

    draft: LayoutDraft
    valid_from_utc_s: float

    @property
    def words(self) -> Phrase:
        """Return the edit's name for the undo menu."""
        return Phrase("Keep '{name}' as a plan", {"name": self.draft.name})

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the new version, and the obstacles that differ, which have no versions.

        Raises:
            GeometryError: a version begins at that time already, or it is no time.
        """
        (added,) = StartVersion(self.valid_from_utc_s, self.draft.name).find_changes(venue)
        assert isinstance(added.after, FloorGeometry)
        version = dataclasses.replace(added.after, zones=self.draft.zones, lines=self.draft.lines)
        return (
            dataclasses.replace(added, after=version),
            *_list_obstacle_changes(venue.plan.obstacles, self.draft.obstacles),
        )


@dataclass(frozen=True, slots=True)
class RemoveDrawn(RemoveShape):
    """Remove a zone, line or obstacle; of a door the zone and the line."""

    def find_changes(self, venue: Venue) -> tuple[Change, ...]:
        """Return the removals.

        Raises:
            GeometryError: there is no such thing, or it is the hall.
        """
        removed = [self.shape, *list_same_door(venue, self.shape)]
        return tuple(change for shape in removed for change in RemoveShape(shape).find_changes(venue))


def list_same_door(venue: Venue, shape: Shape) -> list[Shape]:
    """Return the line of an entrance's or exit's zone, or the zone of its line; nothing for others."""
    pairs = pair_doors(venue.geometry_at(None))
    if shape.part is Part.LINES and shape.name in pairs:
        return [dataclasses.replace(shape, part=Part.ZONES, name=pairs[shape.name])]
    if shape.part is not Part.ZONES:
        return []
    lines = [line for line, zone in pairs.items() if zone == shape.name]
    return [dataclasses.replace(shape, part=Part.LINES, name=line) for line in lines]


def list_shapes_inside(venue: Venue, shape: Shape) -> list[Shape]:
    """Return the obstacles and smaller zones that stand inside a zone; none for anything but a zone."""
    item = find_plan_item(venue, shape)
    if not isinstance(item, Zone):
        return []
    area = item.outline.to_shape()
    others = [
        *((Shape(Part.OBSTACLES, one.name), one.outline) for one in venue.plan.obstacles),
        *(
            (Shape(Part.ZONES, str(zone.name), shape.version_utc_s), zone.outline)
            for zone in venue.geometry_at(None).zones
            if zone.name != item.name
        ),
    ]
    return [
        other
        for other, outline in others
        if outline.to_shape().area < area.area and _is_inside(outline.to_shape(), area)
    ]


def _is_inside(shape: shapely.Polygon, area: shapely.Polygon) -> bool:
    return bool(shape.intersection(area).area >= _INSIDE_SHARE * shape.area)


def _move(venue: Venue, shape: Shape, by_m: Point) -> tuple[Change, ...]:
    item = find_plan_item(venue, shape)
    points = [(round(x + by_m[0], 6), round(y + by_m[1], 6)) for x, y in list_points(item)]
    return replace_plan_item(venue, shape, with_points(item, points))


def _list_obstacle_changes(before: Sequence[Obstacle], after: Sequence[Obstacle]) -> Iterator[Change]:
    known, wanted = {one.name: one for one in before}, {one.name: one for one in after}
    for name in {**known, **wanted}:
        if known.get(name) != wanted.get(name):
            yield Change(Part.OBSTACLES, known.get(name), wanted.get(name), len(before))
