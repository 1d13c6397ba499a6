"""Read and write the rules for places of stands, ``placement.toml`` in a venue's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from analytics.domain.errors import Phrase, VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.forecast.placement_rules import FireLane, NeighbourRule, PlacementRules, SizeClass
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.file_schema import Coordinates, FieldMapping, NamedEntry, Section
from app.core.toml_file import read_toml_file, write_toml_file

FILE_NAME = "placement.toml"
FORMAT = 1


class _SizeClassEntry(NamedEntry):
    makes = SizeClass

    stands: list[str]


class _NeighbourEntry(Section):
    makes = NeighbourRule

    stands: list[str]
    distance_m: float
    is_wanted: bool


class _FireLaneEntry(NamedEntry):
    makes = FireLane

    outline: Annotated[list[Coordinates], FieldMapping(shape=Polygon, label=Phrase("the fire lane '{name}'"))]


class _PlacementFile(Section):
    makes = PlacementRules

    format: int
    fixed: list[str] = Field([])
    least_aisle_m: float | None = None
    keeps_sponsors: bool = True
    size_classes: list[_SizeClassEntry] = Field([])
    neighbours: list[_NeighbourEntry] = Field([])
    fire_lanes: list[_FireLaneEntry] = Field([])


def read_placement_rules(folder: Path) -> PlacementRules:
    """Return the rules of a venue; none without a file.

    Raises:
        VenueError: the file cannot be read or understood.
        GeometryError: a fire lane whose outline is none.
    """
    known: PlacementRules | None = read_toml_file(
        folder / FILE_NAME,
        lambda document: _PlacementFile.model_validate(document).make(),
        format_known=FORMAT,
        make_unreadable=_make_unreadable,
    )
    return PlacementRules() if known is None else known


@changes_venue(Permission.EDIT_PLAN, "placement rules changed")
def change_placement_rules(folder: Path, before: PlacementRules, after: PlacementRules) -> None:
    """Write the rules of a venue.

    Args:
        before: the rules that were changed.

    Raises:
        VenueError: somebody else changed them, or they cannot be read or written.
        GeometryError: a fire lane whose outline is none.
    """
    if read_placement_rules(folder) != before:
        raise VenueError(
            "Someone else has changed the placement rules in the meantime.",
            "Review the current rules, then change them again.",
        )
    write_toml_file(folder / FILE_NAME, _PlacementFile.describe(after, format=FORMAT))


def _make_unreadable(file: Path, cause: str | Phrase) -> VenueError:
    return VenueError(
        "This version cannot read {file} as placement rules: {cause}.",
        "Delete the file, or correct it.",
        file=file,
        cause=cause,
    )
