"""What is said of zones and point pairs that were read from a file, in the window's language."""

from __future__ import annotations

from analytics.domain.floor_plan import FloorGeometry
from app.gui.table_models.cell_text import format_number
from app.gui.translation import display_name, tr, trn
from app.operations.floor_files import CheckedPairs
from app.venue.document import Venue


def describe_zones(file: str, geometry: FloorGeometry, *, present: FloorGeometry) -> str:
    """What a file holds, and what the venue has."""
    return tr(
        "{file} holds {read}; the venue has {known}. What is to hold?",
        file=file,
        read=_count(geometry),
        known=_count(present),
    )


def describe_pairs(file: str, checked: CheckedPairs, venue: Venue) -> str:
    """What a file holds for each camera, and how well it fits."""
    lines = [
        tr(
            "{camera}: {pairs}, {error} cm mean error on the floor (now {known})",
            camera=display_name(str(name)),
            pairs=_count_pairs(len(pairs)),
            error=format_number(checked.rms_m[name] * 100, decimals=1),
            known=_count_pairs(len(venue.camera(name).camera.pairs)),
        )
        for name, pairs in checked.pairs.items()
    ]
    return "\n".join([tr("{file} holds point pairs. Are they to hold?", file=file), *lines])


def _count(geometry: FloorGeometry) -> str:
    zones = trn("{n} zone", "{n} zones", len(geometry.zones))
    lines = trn("{n} line", "{n} lines", len(geometry.lines))
    return tr("{zones} and {lines}", zones=zones, lines=lines)


def _count_pairs(count: int) -> str:
    return trn("{n} point pair", "{n} point pairs", count)
