from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest

from analytics.domain.errors import ExpoFlowError, OutputError, VenueError
from analytics.domain.zone import ZoneKind
from app.plan.geojson import parse_floor_geojson, read_floor_geojson, write_floor_geojson
from tests.unit.app.core.venues import FIRST

ZONE = {
    "type": "Feature",
    "properties": {"name": "A1", "kind": "booth", "colour": "red"},
    "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [3, 0, 0], [3, 2], [0, 0]]]},
}
LINE = {
    "type": "Feature",
    "properties": {"name": "door", "kind": "entrance"},
    "geometry": {"type": "LineString", "coordinates": [[0, 1], [0, 3]]},
}


def collection(*features: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features)}


def changed(feature: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    result = copy.deepcopy(feature)
    *steps, last = path.split(".")
    section = result
    for step in steps:
        section = section[step]
    section[last] = value
    return result


def test_zones_and_lines_come_back_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "zones.geojson"
    write_floor_geojson(file, FIRST)
    read = read_floor_geojson(file)
    assert (read.zones, read.lines) == (FIRST.zones, FIRST.lines)
    document = json.loads(file.read_text(encoding="utf-8"))
    ring = document["features"][0]["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert "展台" in file.read_text(encoding="utf-8")


def test_a_file_of_another_program_is_read_with_our_defaults() -> None:
    geometry = parse_floor_geojson(collection(LINE, ZONE))
    (zone,), (line,) = geometry.zones, geometry.lines
    assert (zone.name, zone.kind, zone.minimum_stay_s) == ("A1", ZoneKind.BOOTH, 3.0)
    assert zone.outline.points == ((0.0, 0.0), (3.0, 0.0), (3.0, 2.0))
    assert (line.name, line.kind, line.band_m) == ("door", ZoneKind.ENTRANCE, 0.5)
    assert line.path.points == ((0.0, 1.0), (0.0, 3.0))


SHAPE, PROPERTIES = "geometry.coordinates", "properties"


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        (changed(ZONE, "geometry.type", "MultiPolygon"), "Feature 2 'A1' is a MultiPolygon, neither"),
        (changed(ZONE, "geometry", None), "Feature 2 'A1' is without a shape"),
        (
            changed(ZONE, SHAPE, [*ZONE["geometry"]["coordinates"], [[1, 0], [2, 0], [2, 1]]]),
            "'A1' has a hole",
        ),  # type: ignore[index]
        (changed(ZONE, SHAPE, []), "'A1' has coordinates that are not pairs of numbers"),
        (changed(ZONE, SHAPE, [[["0", "0"], [3, 0], [3, 2]]]), "'A1' has coordinates that are not pairs"),
        (changed(ZONE, SHAPE, [[[0], [3, 0], [3, 2]]]), "'A1' has coordinates that are not pairs"),
        (changed(ZONE, SHAPE, [[[10**400, 0], [3, 0], [3, 2]]]), "'A1' has coordinates that are not pairs"),
        (
            changed(ZONE, SHAPE, [[[math.nan, 0], [3, 0], [3, 2]]]),
            "zone 'A1' has a coordinate that is not a number",
        ),
        (changed(ZONE, SHAPE, [[[0, 0], [2, 2], [2, 0], [0, 2]]]), "zone 'A1' crosses itself"),
        (changed(ZONE, SHAPE, [[[8.1, 50.2], [8.1001, 50.2], [8.1, 50.2001]]]), "coordinates are in metres"),
        (
            changed(ZONE, f"{PROPERTIES}.kind", "both"),
            "Feature 2 'A1' has the unknown kind 'both'. .*booth, aisle",
        ),
        (changed(ZONE, f"{PROPERTIES}.kind", None), "Feature 2 'A1' has no property 'kind'"),
        (changed(ZONE, f"{PROPERTIES}.name", "  "), "Feature 2 has no property 'name'"),
        (changed(ZONE, PROPERTIES, None), "Feature 2 has no property 'name'"),
        (
            changed(ZONE, f"{PROPERTIES}.minimum_stay_s", -1),
            "Feature 2 'A1': 'minimum_stay_s' must be a number",
        ),
        (changed(LINE, f"{PROPERTIES}.band_m", "wide"), "Feature 2 'door': 'band_m' must be a number"),
        (changed(LINE, SHAPE, [[0, 0]]), "line 'door' has fewer than two"),
        (changed(LINE, SHAPE, 7), "'door' has coordinates that are not pairs"),
        ({"type": "Polygon"}, "Feature 2 is not a Feature"),
        (None, "Feature 2 is not a Feature"),
        (
            changed(LINE, f"{PROPERTIES}.name", "first"),
            "Feature 2: there are two lines with the name 'first'",
        ),
    ],
)
def test_a_bad_feature_is_named(feature: object, words: str) -> None:
    with pytest.raises(ExpoFlowError, match=words):
        parse_floor_geojson(collection(changed(LINE, f"{PROPERTIES}.name", "first"), feature))


@pytest.mark.parametrize("document", [[], {}, None, {"type": "Feature"}, {"type": "FeatureCollection"}])
def test_what_is_no_collection_is_refused(document: object) -> None:
    with pytest.raises(VenueError, match="FeatureCollection"):
        parse_floor_geojson(document)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\ud800"])
def test_what_is_no_geojson_is_refused_with_the_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "zones.geojson"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(VenueError, match=r"zones\.geojson"):
        read_floor_geojson(file)


def test_errors_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "zones.geojson"
    file.write_text(json.dumps(collection(ZONE, ZONE)))
    with pytest.raises(VenueError, match=r"zones\.geojson: Feature 2: there are two zones"):
        read_floor_geojson(file)
    with pytest.raises(VenueError, match="There is no"):
        read_floor_geojson(tmp_path / "absent.geojson")
    with pytest.raises(OutputError, match="does not exist"):
        write_floor_geojson(tmp_path / "absent" / "zones.geojson", FIRST)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326"])
def test_degrees_are_refused(name: str) -> None:
    document = {**collection(ZONE), "crs": {"type": "name", "properties": {"name": name}}}
    with pytest.raises(VenueError, match="degrees"):
        parse_floor_geojson(document)


@pytest.mark.parametrize(
    "crs", [None, {}, {"properties": {"name": "urn:ogc:def:crs:EPSG::32650"}}, {"properties": {"name": 7}}]
)
def test_metres_of_another_system_are_read(crs: object) -> None:
    assert len(parse_floor_geojson({**collection(ZONE), "crs": crs}).zones) == 1
