"""CAD plans: the hall's outline and its obstacles, in metres, from a DXF file.

The hall is the largest closed outline, or what the walls enclose where they are drawn as single lines;
obstacles are the closed outlines in it. A text within one is its name.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from analytics.domain.errors import ExpoFlowError, GeometryError, Phrase, VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import Obstacle
from app.plan_import.imported_plan import ImportedPlan

if TYPE_CHECKING:
    from ezdxf.document import Drawing
    from ezdxf.entities.dxfentity import DXFEntity

UNITS_M = {"mm": 0.001, "cm": 0.01, "dm": 0.1, "m": 1.0, "in": 0.0254, "ft": 0.3048}
"""Metres per drawing unit, for the units that can be chosen."""
_UNITS_OF_FILES_M = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 10: 0.9144, 14: 0.1}
"""Metres per unit by number of $INSUNITS (DXF reference, HEADER section): inches, feet, millimetres, …"""
MAX_ENTITIES = 300_000
MAX_OBSTACLES = 2000
DEEPEST_BLOCKS = 8
FLATTEN_M = 0.02
"""Maximum distance between a curve and the corners that replace it."""
MIN_OBSTACLE_M2 = 0.05
"""Minimum obstacle area, a pillar of 22 cm; smaller outlines are sockets and symbols."""
MAX_HALL_M = 5000.0
MIN_HALL_M = 2.0
HALL_OUTLINE_SHARE = 0.9
"""Share of the hall above which a closed outline is its wall drawn once more."""
MAX_GAP_M = 0.01
"""Maximum gap between the ends of walls that are drawn to meet."""
MAX_NAME = 60
_DRAWABLE = ("LINE", "LWPOLYLINE", "POLYLINE", "CIRCLE", "ELLIPSE", "ARC", "SPLINE")
_TEXTS = ("TEXT", "MTEXT")


def read_dxf_plan(content: bytes, *, unit: str | None, layers: Collection[str] | None = None) -> ImportedPlan:
    """Read a DXF file's outlines.

    Args:
        unit: in which it is drawn, one of ``UNITS_M``; None: as the file says.
        layers: of which layers; None: of all.

    Raises:
        VenueError: it is damaged or too large, says no unit, or encloses no hall.
    """
    try:
        lines, texts = _read_lines(_open(content), unit=unit, layers=layers)
    except ExpoFlowError:
        raise
    except Exception as error:
        # what a library in Python stumbles over in a file that is none can be any exception at all
        raise VenueError(
            "The DXF file is damaged.", "Save it again as DXF 2007 or later, then import it."
        ) from error
    closed = [polygon for line in lines if (polygon := _close(line)) is not None]
    hall = _find_hall(closed, lines)
    return _make_plan(hall, closed, texts)


def _read_lines(
    document: Drawing, *, unit: str | None, layers: Collection[str] | None
) -> tuple[list[shapely.LineString], list[tuple[shapely.Point, str]]]:
    """Read all lines and texts, in metres."""
    unit_m = _find_unit(document, unit)
    lines: list[shapely.LineString] = []
    texts: list[tuple[shapely.Point, str]] = []
    for entity in _walk(document, layers):
        if entity.dxftype() in _TEXTS:
            texts.append(_read_text(entity, unit_m))
        else:
            lines += _flatten(entity, unit_m)
    return lines, texts


def _open(content: bytes) -> Drawing:
    from ezdxf.filemanagement import readfile

    with tempfile.TemporaryDirectory(prefix="expoflow-dxf-") as folder:
        # only from a file does the library find out by itself how a text is encoded, or that it is binary
        file = Path(folder) / "plan.dxf"
        file.write_bytes(content)
        return readfile(file, errors="ignore")


def _find_unit(document: Drawing, unit: str | None) -> float:
    if unit is not None:
        if unit not in UNITS_M:
            raise VenueError(
                "'{unit}' is not a unit of length.",
                "Use one of: {units}.",
                unit=unit,
                units=", ".join(UNITS_M),
            )
        return UNITS_M[unit]
    unit_code = int(document.header.get("$INSUNITS", 0))
    if unit_code not in _UNITS_OF_FILES_M:
        raise VenueError(
            "The drawing does not state its unit.",
            "Choose its unit: {units}; most halls are drawn in mm.",
            units=", ".join(UNITS_M),
        )
    return _UNITS_OF_FILES_M[unit_code]


def _walk(document: Drawing, layers: Collection[str] | None) -> Iterator[DXFEntity]:
    """Yield the entities of model space with blocks resolved, up to a maximum number."""
    for count, entity in enumerate(_resolve_blocks(document.modelspace(), 0)):
        if count >= MAX_ENTITIES:
            raise VenueError(
                "The drawing has more than {most} lines.",
                "Save only the layers of walls and stands, then import the file.",
                most=MAX_ENTITIES,
            )
        if layers is None or str(entity.dxf.get("layer", "0")) in layers:
            yield entity


def _resolve_blocks(entities: object, depth: int) -> Iterator[DXFEntity]:
    for entity in entities:  # type: ignore[attr-defined]
        kind = entity.dxftype()
        if kind == "INSERT" and depth < DEEPEST_BLOCKS:
            yield from _resolve_blocks(entity.virtual_entities(), depth + 1)
        elif kind in _DRAWABLE or kind in _TEXTS:
            yield entity


def _flatten(entity: DXFEntity, unit_m: float) -> list[shapely.LineString]:
    from ezdxf import path

    try:
        drawn = path.make_path(entity)
        points = [(p.x * unit_m, p.y * unit_m) for p in drawn.flattening(FLATTEN_M / unit_m)]
    except (TypeError, ValueError, ZeroDivisionError):
        return []
    points = [point for point, _same in itertools.groupby(points)]
    if len(points) < 2:
        return []
    if drawn.is_closed or bool(getattr(entity, "is_closed", False)):
        points.append(points[0])
    return [shapely.LineString(points)]


def _read_text(entity: DXFEntity, unit_m: float) -> tuple[shapely.Point, str]:
    plain = entity.plain_text() if hasattr(entity, "plain_text") else ""
    at = entity.dxf.insert
    written = "".join(character for character in str(plain) if character.isprintable() or character.isspace())
    return shapely.Point(at.x * unit_m, at.y * unit_m), " ".join(written.split())[:MAX_NAME].rstrip()


def _close(line: shapely.LineString) -> shapely.Polygon | None:
    if (
        not line.is_ring
        and shapely.Point(line.coords[0]).distance(shapely.Point(line.coords[-1])) > MAX_GAP_M
    ):
        return None
    if len(line.coords) < 4:
        return None
    polygon = shapely.Polygon(line.coords)
    return polygon if polygon.is_valid and polygon.area > 0 else None


def _find_hall(closed: list[shapely.Polygon], lines: list[shapely.LineString]) -> shapely.Polygon:
    hall = max(closed, key=lambda polygon: polygon.area, default=None)
    snapped = shapely.set_precision(shapely.MultiLineString(lines), MAX_GAP_M) if lines else None
    if snapped is not None:
        enclosed = shapely.union_all(list(shapely.polygonize([shapely.node(snapped)]).geoms))
        walls = max(shapely.get_parts(enclosed), key=lambda part: part.area, default=None)
        if walls is not None and (hall is None or walls.area > hall.area / HALL_OUTLINE_SHARE):
            hall = shapely.Polygon(walls.exterior)
    if hall is None:
        raise VenueError(
            "The drawing has no closed outline of a hall.",
            "Draw the hall's walls as one closed polyline, or choose the layer that contains it.",
        )
    left, bottom, right, top = hall.bounds
    size_m = max(right - left, top - bottom)
    if not MIN_HALL_M <= size_m <= MAX_HALL_M:
        raise VenueError(
            "The hall in the drawing would be {size:.4g} m long.",
            "Choose the unit of the drawing: {units}.",
            size=size_m,
            units=", ".join(UNITS_M),
        )
    return hall


def _make_plan(
    hall: shapely.Polygon, closed: list[shapely.Polygon], texts: list[tuple[shapely.Point, str]]
) -> ImportedPlan:
    left, bottom, _right, _top = hall.bounds
    obstacles: list[Obstacle] = []
    names: set[str] = set()
    for shape in _find_outermost(closed, hall):
        labels = [text for place, text in texts if text and shape.contains(place)]
        name = _find_free_name(labels[0] if labels else "", names)
        try:
            outline = _to_polygon(shape, left, bottom, what=Phrase("obstacle '{name}'", {"name": name}))
        except GeometryError:
            continue
        names.add(name)
        obstacles.append(Obstacle(name, outline))
    return ImportedPlan(
        outline=_to_polygon(hall, left, bottom, what=Phrase("the hall")), obstacles=tuple(obstacles)
    )


def _find_outermost(closed: list[shapely.Polygon], hall: shapely.Polygon) -> list[shapely.Polygon]:
    """Return the closed outlines of the hall that lie in no other, largest first."""
    candidates = sorted(
        (
            shape
            for shape in closed
            if MIN_OBSTACLE_M2 <= shape.area <= HALL_OUTLINE_SHARE * hall.area
            and hall.contains(shape.representative_point())
        ),
        key=lambda shape: -shape.area,
    )
    if not candidates:
        return []
    tree = shapely.STRtree(candidates)
    found = [
        shape
        for at, shape in enumerate(candidates)
        if not any(
            int(other) < at and candidates[int(other)].contains(shape.representative_point())
            for other in tree.query(shape.representative_point())
        )
    ]
    if len(found) > MAX_OBSTACLES:
        raise VenueError(
            "The drawing has {count} closed outlines in the hall.",
            "Choose only the layers of walls and stands; at most {most} outlines are imported.",
            count=len(found),
            most=MAX_OBSTACLES,
        )
    return found


def _find_free_name(text: str, names: set[str]) -> str:
    if text and text not in names:
        return text
    numbers = itertools.count(2 if text else 1)
    return next(name for n in numbers if (name := f"{text} ({n})" if text else f"obstacle {n}") not in names)


def _to_polygon(shape: shapely.Polygon, left: float, bottom: float, *, what: Phrase) -> Polygon:
    points = [(round(x - left, 4), round(y - bottom, 4)) for x, y in shape.exterior.coords[:-1]]
    return Polygon.from_points(points, what=what)
