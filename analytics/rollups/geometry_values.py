"""Zones and lines as values of JSON, so that a rollup says itself what was counted in it."""

from __future__ import annotations

from typing import Any

from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind


def describe_geometry(geometry: FloorGeometry) -> dict[str, object]:
    """What is counted by; colours, labels and from when it held are left out."""
    return {
        "zones": [
            {
                "name": str(zone.name),
                "kind": zone.kind.value,
                "outline": [list(point) for point in zone.outline.points],
                "minimum_stay_s": zone.minimum_stay_s,
            }
            for zone in geometry.zones
        ],
        "lines": [
            {
                "name": str(line.name),
                "kind": line.kind.value,
                "path": [list(point) for point in line.path.points],
                "band_m": line.band_m,
            }
            for line in geometry.lines
        ],
    }


def read_geometry(values: Any) -> FloorGeometry:
    """The zones and lines that were described.

    Raises:
        KeyError, TypeError, ValueError: these are no such values.
    """
    return FloorGeometry(
        zones=tuple(
            Zone(
                ZoneId(str(zone["name"])),
                ZoneKind(zone["kind"]),
                Polygon(_read_points(zone["outline"])),
                minimum_stay_s=float(zone["minimum_stay_s"]),
            )
            for zone in values["zones"]
        ),
        lines=tuple(
            CountingLine(
                LineId(str(line["name"])),
                ZoneKind(line["kind"]),
                Polyline(_read_points(line["path"])),
                band_m=float(line["band_m"]),
            )
            for line in values["lines"]
        ),
    )


def _read_points(values: Any) -> tuple[tuple[float, float], ...]:
    return tuple((float(x_m), float(y_m)) for x_m, y_m in values)
