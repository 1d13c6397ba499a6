"""Zones, counting lines and obstacles as a GeoJSON FeatureCollection in metres of the plan."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.domain.errors import ExpoFlowError, OutputError, Phrase, VenueError
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, Obstacle
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind, describe_rule, is_colour
from app.error_reporting import convert_error
from resources.atomic_file import write_text_atomically
from resources.bounded_file import read_bounded

_REMEDY_SHAPE = "Draw zones as simple polygons without holes and counting lines as simple lines."
DEFAULT_STAY_S = 3.0
DEFAULT_LEAVE_DISTANCE_M, DEFAULT_LEAVE_TIME_S = 0.5, 2.0
DEFAULT_BAND_M = 0.5
OBSTACLE = "obstacle"
"""Kind of the polygons on which people cannot stand."""


@dataclass(frozen=True, slots=True)
class FloorFile:
    """The content of a GeoJSON file; without obstacles, those of the plan stay."""

    geometry: FloorGeometry
    obstacles: tuple[Obstacle, ...] = ()


def read_floor_geojson(file: Path) -> FloorGeometry:
    """Read the zones and lines of a file, without its obstacles; errors as of `read_floor_file`."""
    return read_floor_file(file).geometry


def read_floor_file(file: Path) -> FloorFile:
    """Read the zones (polygons), lines and obstacles of a file; unknown properties are ignored.

    Raises:
        VenueError: no such file, not GeoJSON, or a feature that is none of these; names file and feature.
    """
    try:
        document = json.loads(read_bounded(file).decode("utf-8-sig"))
    except OSError as error:
        raise convert_error(VenueError, error) from error
    except (ValueError, RecursionError) as error:
        raise VenueError(
            "{file} is not GeoJSON ({reason}).",
            "Choose a file that was exported as GeoJSON.",
            file=file.name,
            reason=Phrase("its brackets are nested too deeply")
            if isinstance(error, RecursionError)
            else error,
        ) from None
    try:
        return FloorFile(parse_floor_geojson(document), _parse_obstacles(document))
    except ExpoFlowError as error:
        raise VenueError(
            "{file}: {fault}",
            "{advice}",
            file=file.name,
            fault=Phrase(error.problem_template, error.details),
            advice=Phrase(error.remedy_template, error.details),
        ) from error


def write_floor_geojson(file: Path, geometry: FloorGeometry) -> None:
    """Write zones and lines atomically.

    Raises:
        OutputError: the file cannot be written.
    """
    text = json.dumps(make_floor_geojson(geometry), ensure_ascii=False, indent=1, allow_nan=False)
    try:
        write_text_atomically(file, text + "\n")
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error


def make_floor_geojson(geometry: FloorGeometry) -> dict[str, object]:
    """Convert zones and lines to a FeatureCollection that `parse_floor_geojson` restores exactly."""
    zones = [
        _make_feature(
            "Polygon",
            [[*map(list, zone.outline.points), list(zone.outline.points[0])]],
            {"name": zone.name, "kind": zone.kind.value, **describe_rule(zone)}
            | _describe_colour(zone.colour),
        )
        for zone in geometry.zones
    ]
    lines = [
        _make_feature(
            "LineString",
            [list(point) for point in line.path.points],
            {"name": line.name, "kind": line.kind.value, "band_m": line.band_m}
            | _describe_colour(line.colour),
        )
        for line in geometry.lines
    ]
    return {"type": "FeatureCollection", "features": zones + lines}


def parse_floor_geojson(document: object) -> FloorGeometry:
    """Parse the zones and lines of a FeatureCollection, in its order; obstacles are left out.

    Raises:
        VenueError: not a FeatureCollection, or a feature that is no zone or line; names the feature.
        GeometryError: an outline or line that crosses itself, or is too small; names the zone or line.
    """
    features = document.get("features") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or document.get("type") != "FeatureCollection":
        raise VenueError(
            "This is not a GeoJSON FeatureCollection.", "Export all zones and lines as one FeatureCollection."
        )
    if _is_in_degrees(document.get("crs")):
        raise VenueError(
            "The coordinates are degrees of longitude and latitude.",
            "Export it again, with x and y in metres of the plan.",
        )
    if not isinstance(features, list):
        raise VenueError("The FeatureCollection has no 'features' list.", "Export the zones and lines again.")
    zones: dict[str, Zone] = {}
    lines: dict[str, CountingLine] = {}
    for number, feature in enumerate(features, start=1):
        if _is_obstacle(feature):
            continue
        parsed = parse_feature(feature, number=number)
        kind_of_entry = "zones" if isinstance(parsed, Zone) else "lines"
        if parsed.name in (zones if isinstance(parsed, Zone) else lines):
            raise VenueError(
                "Feature {number}: there are two {what} with the name '{name}'.",
                "Rename one of them.",
                number=number,
                what=Phrase(kind_of_entry),
                name=parsed.name,
            )
        if isinstance(parsed, Zone):
            zones[parsed.name] = parsed
        else:
            lines[parsed.name] = parsed
    return FloorGeometry(tuple(zones.values()), tuple(lines.values()))


def _is_obstacle(feature: object) -> bool:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    kind = properties.get("kind") if isinstance(properties, Mapping) else None
    return isinstance(kind, str) and kind.strip().lower() == OBSTACLE


def _parse_obstacles(document: Mapping[str, Any]) -> tuple[Obstacle, ...]:
    obstacles = {}
    for number, feature in enumerate(document["features"], start=1):
        if not _is_obstacle(feature):
            continue
        # an outline as any other
        properties = {**feature["properties"], "kind": ZoneKind.OTHER.value}
        zone = parse_feature({**feature, "properties": properties}, number=number)
        if not isinstance(zone, Zone):
            raise VenueError(
                "Feature {number} '{name}' is an obstacle without an area.",
                "Draw obstacles as polygons.",
                number=number,
                name=zone.name,
            )
        if zone.name in obstacles:
            raise VenueError(
                "Feature {number}: there are two {what} with the name '{name}'.",
                "Rename one of them.",
                number=number,
                what=Phrase("obstacles"),
                name=zone.name,
            )
        height_m = properties.get("height_m")
        if height_m is not None:
            what = Phrase("Feature {number} '{name}'", {"number": number, "name": zone.name})
            height_m = _parse_length(properties, "height_m", 0.0, what=what)
        obstacles[zone.name] = Obstacle(str(zone.name), zone.outline, height_m)
    return tuple(obstacles.values())


def _is_in_degrees(crs: object) -> bool:
    """Return whether a file names one of the two coordinate systems in degrees usual for GeoJSON."""
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    return isinstance(name, str) and (name.endswith("CRS84") or re.search(r"\b4326$", name) is not None)


def _describe_colour(colour: str | None) -> dict[str, object]:
    return {} if colour is None else {"colour": colour}


def _make_feature(shape: str, coordinates: object, properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": shape, "coordinates": coordinates},
    }


def parse_feature(feature: object, *, number: int) -> Zone | CountingLine:
    """Parse one feature; errors as of ``parse_floor_geojson``."""
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        raise VenueError("Feature {number} is not a Feature.", "Export it again.", number=number)
    properties, shape = feature.get("properties"), feature.get("geometry")
    properties = properties if isinstance(properties, Mapping) else {}
    shape = shape if isinstance(shape, Mapping) else {}
    name = _parse_name(properties, number=number)
    what = Phrase("Feature {number} '{name}'", {"number": number, "name": name})
    kind = _parse_kind(properties, what=what)
    match shape.get("type"):
        case "Polygon":
            rings = shape.get("coordinates")
            if not isinstance(rings, list) or not rings:
                raise _bad_coordinates(what)
            if len(rings) > 1:
                raise VenueError("{what} has a hole.", _REMEDY_SHAPE, what=what)
            outline = Polygon.from_points(
                _parse_points(rings[0], what=what), what=Phrase("zone '{name}'", {"name": name})
            )
            return Zone(
                ZoneId(name),
                kind,
                outline,
                minimum_stay_s=_parse_length(properties, "minimum_stay_s", DEFAULT_STAY_S, what=what),
                leave_distance_m=_parse_length(
                    properties, "leave_distance_m", DEFAULT_LEAVE_DISTANCE_M, what=what
                ),
                leave_time_s=_parse_length(properties, "leave_time_s", DEFAULT_LEAVE_TIME_S, what=what),
                colour=_parse_colour(properties),
            )
        case "LineString":
            points = _parse_points(shape.get("coordinates"), what=what)
            band_m = _parse_length(properties, "band_m", DEFAULT_BAND_M, what=what)
            return CountingLine(
                LineId(name),
                kind,
                Polyline.from_points(points, what=Phrase("line '{name}'", {"name": name})),
                band_m,
                _parse_colour(properties),
            )
        case other:
            raise VenueError(
                "{what} is {shape}, neither a Polygon nor a LineString.",
                _REMEDY_SHAPE,
                what=what,
                shape=Phrase("a {kind}", {"kind": other})
                if isinstance(other, str)
                else Phrase("without a shape"),
            )


def _parse_name(properties: Mapping[str, object], *, number: int) -> str:
    from app.core.file_schema import MAX_NAME, NAME_PATTERN

    name = properties.get("name")
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str) or not name.strip():
        raise VenueError(
            "Feature {number} has no property 'name'.", "Name every zone and line.", number=number
        )
    name = name.strip()
    if len(name) > MAX_NAME or not re.search(NAME_PATTERN, name):
        raise VenueError(
            "The name of feature {number} is too long, or has a line break.",
            "Use a single-line name of at most {most} characters.",
            number=number,
            most=MAX_NAME,
        )
    return name


def _parse_kind(properties: Mapping[str, object], *, what: Phrase) -> ZoneKind:
    kind = properties.get("kind")
    try:
        return ZoneKind(str(kind).strip().lower())
    except ValueError:
        raise VenueError(
            "{what} has {kind}.",
            "Set its property 'kind' to one of: {kinds}.",
            what=what,
            kind=Phrase("no property 'kind'")
            if kind is None
            else Phrase("the unknown kind '{kind}'", {"kind": kind}),
            kinds=", ".join(ZoneKind),
        ) from None


def _parse_points(coordinates: object, *, what: Phrase) -> list[Point]:
    if not isinstance(coordinates, list):
        raise _bad_coordinates(what)
    return [_parse_point(point, what=what) for point in coordinates]


def _parse_point(point: object, *, what: Phrase) -> Point:
    """Parse a point; a third number (height) is allowed by the format and ignored."""
    if not isinstance(point, list) or len(point) not in (2, 3):
        raise _bad_coordinates(what)
    return _parse_number(point[0], what=what), _parse_number(point[1], what=what)


def _parse_number(value: object, *, what: Phrase) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad_coordinates(what)
    try:
        return float(value)
    except OverflowError:
        raise _bad_coordinates(what) from None


def _parse_length(properties: Mapping[str, object], key: str, default: float, *, what: Phrase) -> float:
    value = properties.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise VenueError(
            "{what}: '{key}' must be a number, zero or above.", "Correct it.", what=what, key=key
        )
    return float(value)


def _parse_colour(properties: Mapping[str, object]) -> str | None:
    """Parse a colour; unsupported notations of other programs are ignored."""
    value = properties.get("colour")
    return value.lower() if isinstance(value, str) and is_colour(value.lower()) else None


def _bad_coordinates(what: Phrase) -> VenueError:
    return VenueError(
        "{what} has coordinates that are not pairs of numbers.",
        "Export it again, with x and y in metres of the plan.",
        what=what,
    )
