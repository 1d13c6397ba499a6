"""A floor plan with a layer of values on paper."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage
from scipy import ndimage

from analytics.results.content import FloorMap, FloorZone
from app.print.page_painter import FAINT, INK, MUTED, PagePainter, Point, TextStyle
from app.print.report_styles import AXIS, AXIS_RIGHT, CENTRE, SMALL
from resources.colours import shade_heat

MAX_HEIGHT = 354.0
"""Height of a map with its legend, points."""
LEGEND_HEIGHT = 24.0
PIXELS_PER_CELL = 6
"""Pixels along a cell, with values interpolated between: programs that show a PDF draw pixels as squares."""
_LABEL = TextStyle(7, INK, is_bold=True, align=CENTRE)
_NOTE = TextStyle(6.5, INK, align=CENTRE)
_BEYOND = 24.0
"""Width by which a label may be wider than its zone, points."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, points."""


def measure_floor(floor: FloorMap, width: float, max_height: float = MAX_HEIGHT) -> float:
    """Return the height of a map with its legend in points."""
    _, bottom, _, top = _find_bounds(floor)
    return _find_scale(floor, width, max_height) * (top - bottom) + _measure_legend(floor)


def _measure_legend(floor: FloorMap) -> float:
    return LEGEND_HEIGHT if floor.values is not None else 6.0


def _find_scale(floor: FloorMap, width: float, max_height: float) -> float:
    """Return points per metre."""
    left, bottom, right, top = _find_bounds(floor)
    return min(width / (right - left), (max_height - _measure_legend(floor)) / (top - bottom))


def paint_floor(
    page: PagePainter, floor: FloorMap, place: tuple[float, float, float], max_height: float = MAX_HEIGHT
) -> None:
    """Paint the map at x, y, centred within a width."""
    x, y, width = place
    left, bottom, right, top = _find_bounds(floor)
    scale = _find_scale(floor, width, max_height)
    offset = x + (width - scale * (right - left)) / 2

    def at(point: Point) -> Point:
        return offset + scale * (point[0] - left), y + scale * (top - point[1])

    if floor.values is not None:
        rows, columns = floor.values.shape
        corner = at((floor.corner_m[0], floor.corner_m[1] + rows * floor.cell_m))
        size = scale * floor.cell_m
        with page.clip([[at(point) for point in ring] for ring in (floor.outline, *floor.obstacles)]):
            page.image(*corner, columns * size, rows * size, make_heat_image(floor))
    if floor.unobserved:
        rings = [[at((float(px), float(py))) for px, py in ring] for ring in floor.unobserved]
        page.polygon(rings, fill=MUTED, alpha=0.55, is_hatched=True)
    for ring in floor.obstacles:
        page.polygon([[at(point) for point in ring]], fill=FAINT, outline=MUTED, thick=0.5)
    for zone in floor.zones:
        corners = [at(point) for point in zone.outline]
        page.polygon(
            [corners], fill=zone.colour, alpha=0.55, outline=INK if zone.colour is None else MUTED, thick=0.8
        )
    page.polygon([[at(point) for point in floor.outline]], outline=INK, thick=1.4)
    edges = (*at((left, top)), *at((right, bottom)))
    outlines = [[at(point) for point in zone.outline] for zone in floor.zones]
    for zone, box in place_labels(page, floor, outlines, edges):
        _paint_label(page, zone, box)
    below = y + scale * (top - bottom) + 8
    if floor.values is not None:
        _paint_scale(page, floor, x, below, width)


def place_labels(
    page: PagePainter, floor: FloorMap, outlines: list[list[Point]], edges: Box
) -> list[tuple[FloorZone, Box]]:
    """Return where the zones' labels are painted: none covers another, and those without room are left out.

    Args:
        outlines: of the zones on the page, in points; the first zones have precedence.
        edges: of the map on the page.
    """
    placed: list[tuple[FloorZone, Box]] = []
    for zone, corners in zip(floor.zones, outlines, strict=True):
        if not zone.name:
            continue
        xs, ys = zip(*corners, strict=True)
        lines = _list_lines(zone)
        width = min(
            max(xs) - min(xs) + _BEYOND, max(page.measure_text(text, style) for text, style in lines) + 6
        )
        height = sum(page.measure_line(style) for _, style in lines)
        x = min(max(sum(xs) / len(xs) - width / 2, edges[0]), edges[2] - width)
        middle = sum(ys) / len(ys) - height / 2
        # above or below the middle where a neighbour's label is in the way, but within the zone
        step, room = height + 1, max(0.0, (max(ys) - min(ys)) / 2)
        shifts = [sign * n * step for n in range(1 + int(room // step)) for sign in (1, -1)]
        boxes = ((x, middle + shift, x + width, middle + shift + height) for shift in shifts)
        free = (box for box in boxes if not any(_do_overlap(box, other) for _, other in placed))
        if (found := next(free, None)) is not None:
            placed.append((zone, found))
    return placed


def _do_overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _list_lines(zone: FloorZone) -> list[tuple[str, TextStyle]]:
    return [(zone.name, _LABEL), (zone.label, _NOTE)] if zone.label else [(zone.name, _LABEL)]


def _paint_label(page: PagePainter, zone: FloorZone, box: Box) -> None:
    """Paint a zone's name and label on white, legible on every colour."""
    left, top, right, bottom = box
    page.polygon([[(left, top), (right, top), (right, bottom), (left, bottom)]], fill="#ffffff", alpha=0.78)
    for text, style in _list_lines(zone):
        top = page.text(left, top, right - left, text, style)


def make_heat_image(floor: FloorMap) -> QImage:
    """Return a smooth image, highest y first, transparent where there is no value."""
    assert floor.values is not None
    values = floor.values[::-1]
    is_known = np.isfinite(values)
    share = np.clip(np.nan_to_num(values) / floor.top, 0.0, 1.0) if floor.top > 0 else np.zeros(values.shape)
    share, known = (
        ndimage.zoom(cells, PIXELS_PER_CELL, order=1, mode="nearest", grid_mode=True)
        for cells in (share * is_known, is_known.astype(np.float64))
    )
    # between cells of which one is unknown, the colour is that of the other up to its edge
    share = np.clip(share / np.maximum(known, 1e-9), 0.0, 1.0)
    ramp = np.array([shade_heat(step / 255) for step in range(256)], np.uint8)
    pixels = ramp[np.round(share * 255).astype(np.int64)]
    pixels[..., 3] = np.round(pixels[..., 3] * np.minimum(2.0 * known, 1.0)).astype(np.uint8)
    rows, columns = share.shape
    return QImage(pixels.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()


def _paint_scale(page: PagePainter, floor: FloorMap, x: float, y: float, width: float) -> None:
    steps, length = 60, min(180.0, width / 2)
    for step in range(steps):
        red, green, blue, opacity = shade_heat((step + 0.5) / steps)
        colour = f"#{opacity:02x}{red:02x}{green:02x}{blue:02x}"
        page.fill(x + length * step / steps, y, length / steps, 6, colour)
    page.text(x, y + 7, 30, "0", AXIS)
    decimals = 0 if floor.top >= 20 else 1
    page.text(x, y + 7, length, f"{floor.top:,.{decimals}f}", AXIS_RIGHT)
    page.text(x + length + 8, y - 2, width - length - 8, f"{floor.unit}  {floor.note}".strip(), SMALL)


def _find_bounds(floor: FloorMap) -> tuple[float, float, float, float]:
    xs, ys = zip(*floor.outline, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
