"""Whatever a venue holds comes back from its files; whatever a file holds is read or refused in words."""

from __future__ import annotations

import copy
import dataclasses
import math
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import ExpoFlowError
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle, PlanPicture
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.domain.lens import MAX_BARREL, MAX_PINCUSHION, UNKNOWN_SIGMA, Lens
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.visitors.false_positives.corrections import Corrections, DecidedPlace, PlaceVerdict
from app.core.calibration_csv import read_calibration, write_calibration
from app.core.document import Venue, VenueCamera, VenueSettings
from app.core.file_format import read_venue, write_venue
from app.plan.geojson import make_floor_geojson, parse_floor_geojson
from vision.sources.frame_source import Pacing, SourceAddress, SourceKind

names = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=12
) | st.sampled_from(["hall north", "展台 A1", 'a"b', "{0}", "\\", "[1.0,"])
coordinates = st.floats(-500, 500, allow_nan=False)
lengths = st.floats(0, 60)
rates = st.floats(0.1, 60)
milliseconds = st.integers(0, 4_000_000_000_000).map(lambda ms: ms / 1000)


@st.composite
def star_polygons(draw: st.DrawFn) -> Polygon:
    """Corners at rising angles around a centre: never crosses itself."""
    count = draw(st.integers(3, 8))
    x_m, y_m = draw(coordinates), draw(coordinates)
    radii = draw(st.lists(st.floats(0.5, 20), min_size=count, max_size=count))
    angles = [math.tau * i / count for i in range(count)]
    corners = [(x_m + r * math.cos(a), y_m + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    return Polygon.from_points(corners if draw(st.booleans()) else corners[::-1], what="a star")


@st.composite
def rising_lines(draw: st.DrawFn) -> Polyline:
    steps = draw(st.lists(st.floats(0.1, 5), min_size=2, max_size=5))
    points = [(sum(steps[: i + 1]), draw(coordinates)) for i in range(len(steps))]
    return Polyline.from_points(points, what="a line")


def find_beginning(geometry: FloorGeometry) -> float:
    """One without a beginning is before all others, and 0 is a moment, too."""
    return -math.inf if geometry.valid_from_utc_s is None else geometry.valid_from_utc_s


colours = st.none() | st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
zones = st.builds(
    Zone,
    names.map(ZoneId),
    st.sampled_from(ZoneKind),
    star_polygons(),
    minimum_stay_s=lengths,
    colour=colours,
)
counting_lines = st.builds(
    CountingLine,
    names.map(LineId),
    st.sampled_from(ZoneKind),
    rising_lines(),
    band_m=lengths,
    colour=colours,
)
pictures = st.builds(
    PlanPicture,
    st.sampled_from(["plan.png", "平面图.svg"]),
    st.floats(1e-4, 10),
    st.tuples(coordinates, coordinates),
    st.floats(-180, 180),
    st.none() | st.tuples(st.floats(0, 50), st.floats(0, 50), st.floats(51, 900), st.floats(51, 900)),
)
geometries = st.builds(
    FloorGeometry,
    zones=st.lists(zones, max_size=3, unique_by=lambda z: z.name).map(tuple),
    lines=st.lists(counting_lines, max_size=2, unique_by=lambda line: line.name).map(tuple),
    valid_from_utc_s=st.none() | milliseconds,
    label=st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
)
pairs = st.builds(PointPair, coordinates, coordinates, coordinates, coordinates)
pair_sets = st.lists(pairs, min_size=4, max_size=6).map(tuple)
masks = st.lists(star_polygons().map(lambda p: tuple((9 * u, 9 * v) for u, v in p.points)), max_size=2).map(
    tuple
)


def with_pictures_of_a_size(camera: Camera) -> st.SearchStrategy[Camera]:
    """With what only a camera can have whose pictures have a known size: a lens, a privacy mask."""
    if camera.frame_size_wh is None:
        return st.just(camera)
    lenses = st.none() | st.builds(Lens, st.floats(MAX_BARREL, MAX_PINCUSHION), st.floats(0, UNKNOWN_SIGMA))
    return st.builds(partial(dataclasses.replace, camera), lens=lenses, privacy_mask=masks)


cameras = st.builds(
    Camera,
    names.map(CameraId),
    st.none() | st.tuples(st.integers(16, 8000), st.integers(16, 8000)),
    st.just(()) | pair_sets,
    masks,
    rates,
).flatmap(with_pictures_of_a_size)
addresses = st.builds(
    SourceAddress,
    st.sampled_from(SourceKind),
    st.sampled_from(["rtsp://10.0.0.7:554/live", "usb:0", "clips/一.mp4", "C:\\clips\\a b.mp4"]),
    user=st.none() | names,
    transport=st.sampled_from(["tcp", "udp"]),
    pacing=st.sampled_from(Pacing),
    images_fps=st.none() | rates,
    start_utc_s=st.none() | milliseconds,
)
minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
opening_hours = st.builds(OpeningHours, st.dates(date(2020, 1, 1), date(2100, 1, 1)), minutes, minutes)
venues = st.builds(
    Venue,
    folder=st.just(Path("unused.expoflow")),
    exhibition=st.builds(
        Exhibition,
        names,
        st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC"]),
        st.lists(opening_hours, max_size=2).map(tuple),
    ),
    plan=st.builds(
        FloorPlan,
        star_polygons(),
        st.none() | pictures,
        st.lists(st.builds(Obstacle, names, star_polygons()), max_size=2, unique_by=lambda o: o.name).map(
            tuple
        ),
    ),
    cameras=st.lists(
        st.builds(VenueCamera, cameras, st.none() | addresses), max_size=3, unique_by=lambda c: c.name
    ).map(tuple),
    geometry_versions=st.lists(
        geometries, min_size=1, max_size=3, unique_by=lambda g: g.valid_from_utc_s
    ).map(lambda versions: tuple(sorted(versions, key=find_beginning))),
    settings=st.builds(VenueSettings, names, names, rates),
    corrections=st.builds(
        Corrections,
        st.lists(
            st.builds(
                DecidedPlace,
                names.map(CameraId),
                coordinates,
                coordinates,
                st.floats(0.1, 5),
                st.sampled_from(PlaceVerdict),
            ),
            max_size=2,
        ).map(tuple),
        st.booleans(),
    ),
)


@contextmanager
def venue_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(suffix=".expoflow") as folder:
        yield Path(folder)


@settings(max_examples=40, deadline=None)
@given(venue=venues)
def test_a_venue_comes_back_from_its_file(venue: Venue) -> None:
    with venue_folder() as folder:
        venue = dataclasses.replace(venue, folder=folder)
        write_venue(venue)
        assert read_venue(folder) == venue


@settings(max_examples=60, deadline=None)
@given(geometry=geometries)
def test_zones_and_lines_come_back_from_geojson(geometry: FloorGeometry) -> None:
    again = parse_floor_geojson(make_floor_geojson(geometry))
    assert (again.zones, again.lines) == (geometry.zones, geometry.lines)


@settings(max_examples=40, deadline=None)
@given(calibration=st.dictionaries(names.map(CameraId), pair_sets, min_size=1, max_size=3))
def test_a_calibration_comes_back_from_csv(calibration: dict[CameraId, tuple[PointPair, ...]]) -> None:
    with venue_folder() as folder:
        write_calibration(folder / "pairs.csv", calibration)
        assert read_calibration(folder / "pairs.csv") == calibration


GOOD = tomllib.loads("""
format = 3
[exhibition]
name = "Fair"
time_zone = "UTC"
opening_hours = [{day = 2026-11-25, opens = 09:00:00, closes = 18:00:00}]
[plan]
outline = [[0, 0], [30, 0], [30, 20]]
picture = {file_name = "plan.png", metres_per_pixel = 0.1}
[[cameras]]
name = "north"
frame_size = [640, 480]
mask = [[[0, 0], [9, 0], [9, 9]]]
pairs = [{u_px = 0, v_px = 0, x_m = 0, y_m = 0}]
source = {kind = "rtsp", location = "rtsp://h/", start_utc = 2026-11-25T09:00:00Z}
[[geometry]]
valid_from = 2026-11-25T09:00:00Z
zones = [{name = "A1", kind = "booth", outline = [[0, 0], [3, 0], [3, 2]]}]
lines = [{name = "door", kind = "exit", path = [[0, 0], [3, 0]]}]
""")
GOOD["cameras"][0]["pairs"] = []
REMOVED = object()
odd_values = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.booleans(),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
    st.dates(),
    st.times(),
    st.lists(st.integers(-2, 2) | st.floats(), max_size=3),
    st.dictionaries(st.sampled_from(["name", "kind", "x"]), st.integers(), max_size=2),
)


def list_places(value: object, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    return [place, *(found for key, inner in steps for found in list_places(inner, (*place, key)))]


def put(document: Any, place: tuple[str | int, ...], value: object) -> Any:
    """A copy of a document with the value at one place changed, or removed."""
    changed = copy.deepcopy(document)
    section = changed
    for step in place[:-1]:
        section = section[step]
    if value is REMOVED:
        del section[place[-1]]
    else:
        section[place[-1]] = value
    return changed


def find_refusal(read: Callable[[], object]) -> ExpoFlowError | None:
    try:
        read()
    except ExpoFlowError as error:
        return error
    return None


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(list_places(GOOD)[1:]), value=odd_values, is_removed=st.booleans())
def test_a_file_with_any_one_thing_changed_is_read_or_refused_in_words(
    place: tuple[str | int, ...], value: object, is_removed: bool
) -> None:
    document = put(GOOD, place, REMOVED if is_removed else value)
    with venue_folder() as folder:
        (folder / "venue.toml").write_text(tomli_w.dumps(document), encoding="utf-8")
        refusal = find_refusal(lambda: read_venue(folder))
    assert refusal is None or (refusal.problem.startswith("venue.toml") and refusal.remedy.endswith("."))


GOOD_GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "A1", "kind": "booth", "minimum_stay_s": 3},
            "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [3, 0], [3, 2], [0, 0]]]},
        }
    ],
}


@settings(max_examples=100, deadline=None)
@given(place=st.sampled_from(list_places(GOOD_GEOJSON)[1:]), value=odd_values)
def test_geojson_with_any_one_thing_changed_is_read_or_refused_in_words(
    place: tuple[str | int, ...], value: object
) -> None:
    refusal = find_refusal(lambda: parse_floor_geojson(put(GOOD_GEOJSON, place, value)))
    assert refusal is None or (refusal.problem.endswith(".") and refusal.remedy.endswith("."))
