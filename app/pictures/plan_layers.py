"""What is drawn of a floor plan below and above a layer of data: floor, walls, zones, lines, views, scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.patches import Polygon as PolygonPatch
from matplotlib.path import Path as DrawnPath
from matplotlib.transforms import Affine2D
from PIL import Image

from analytics.domain.errors import VenueError
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.metrics.coverage import CameraView
from app.pictures.heatmap_words import HeatmapWords
from app.pictures.plan_fonts import find_families, make_drawable

INK = "#1f2937"
MUTED = "#64748b"
WALL = "#334155"
STAND_FILL = "#eef2f6"
ZONE_COLOURS = {
    ZoneKind.BOOTH: "#2563eb",
    ZoneKind.AISLE: "#0e7490",
    ZoneKind.ENTRANCE: "#047857",
    ZoneKind.EXIT: "#b45309",
    ZoneKind.QUEUE: "#7c3aed",
    ZoneKind.STAGE: "#be123c",
    ZoneKind.CATERING: "#4d7c0f",
    ZoneKind.STAFF: "#475569",
    ZoneKind.OTHER: "#475569",
}
LARGEST_PICTURE_PX = 2400
"""A larger plan picture is scaled down: the output shows no more."""


def make_font(size: float, weight: str = "normal") -> FontProperties:
    """The fonts of the plan in one size."""
    return FontProperties(family=list(find_families()), size=size, weight=weight)


def draw_floor(axes: Axes, plan: FloorPlan, picture: Path | None) -> None:
    """The floor, and the plan's picture on it, pale."""
    axes.add_patch(PolygonPatch(plan.outline.points, closed=True, facecolor="#fbfcfd", edgecolor="none"))
    if picture is None or plan.picture is None:
        return
    try:
        with Image.open(picture) as opened:
            left, top, right, bottom = plan.picture.shown_px(opened.size)
            shown = opened.crop((round(left), round(top), round(right), round(bottom)))
            shown.thumbnail((LARGEST_PICTURE_PX, LARGEST_PICTURE_PX))
            pixels = np.asarray(shown.convert("RGBA").convert("RGB"), np.float64) / 255
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise VenueError(
            "The plan's picture {path} cannot be read.",
            "Use a PNG or JPEG picture, or draw without it.",
            path=picture,
        ) from error
    grey = pixels @ np.array([0.299, 0.587, 0.114])
    # pale and nearly without colour, so that every colour in the picture is heat
    pale = 1 - 0.45 * (1 - (0.8 * grey[:, :, None] + 0.2 * pixels))
    scale, (x_m, y_m) = plan.picture.metres_per_pixel, plan.picture.corner_m
    drawn = axes.imshow(
        pale,
        extent=(x_m, x_m + (right - left) * scale, y_m, y_m + (bottom - top) * scale),
        zorder=1,
        interpolation="bilinear",
    )
    turn = Affine2D().rotate_deg_around(x_m, y_m, plan.picture.rotation_deg)
    drawn.set_transform(turn + axes.transData)
    axes.set_autoscale_on(False)


def floor_path(axes: Axes, plan: FloorPlan) -> PathPatch:
    """The floor without its obstacles, as a path to clip by."""
    obstacles = shapely.union_all([obstacle.outline.to_shape() for obstacle in plan.obstacles])
    # holes run the other way round than what they are cut out of, by which matplotlib knows them
    floor = shapely.orient_polygons(plan.outline.to_shape().difference(obstacles))
    rings = [
        DrawnPath(shapely.get_coordinates(ring), closed=True)
        for polygon in shapely.get_parts(floor)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    path = DrawnPath.make_compound_path(*rings)
    return PathPatch(path, transform=axes.transData, facecolor="none", edgecolor="none")


def draw_walls(axes: Axes, plan: FloorPlan, *, has_picture: bool) -> None:
    """Obstacles and the outline."""
    for obstacle in plan.obstacles:
        axes.add_patch(
            PolygonPatch(
                obstacle.outline.points,
                closed=True,
                facecolor="none" if has_picture else STAND_FILL,
                edgecolor="#94a3b8",
                linewidth=0.9,
                zorder=4,
            )
        )
    axes.add_patch(
        PolygonPatch(
            plan.outline.points,
            closed=True,
            facecolor="none",
            edgecolor=WALL,
            linewidth=2.0,
            zorder=5,
            joinstyle="round",
        )
    )


def draw_views(axes: Axes, cameras: Sequence[CameraView]) -> None:
    """The border of every camera's picture on the floor, and its name at its near edge."""
    for view in cameras:
        border = view.geometry.project_to_floor(_walk_round_frame(view.frame_size_wh))
        axes.plot(border[:, 0], border[:, 1], color=MUTED, linewidth=0.9, linestyle="dashed", zorder=6)
        width_px, height_px = view.frame_size_wh
        near = view.geometry.project_to_floor(np.array([[width_px / 2, float(height_px)]]))[0]
        if np.isfinite(near).all():
            x, y = float(near[0]), float(near[1])
            axes.plot(x, y, marker="^", markersize=7, color=INK, markeredgecolor="white", zorder=9)
            write_label(axes, x, y, make_drawable(str(view.camera)), size=7.5, offset=(0, 11))


def _walk_round_frame(frame_size_wh: tuple[int, int], steps: int = 200) -> npt.NDArray[np.float64]:
    """Points on the border of a frame, closed, shape (4 * steps, 2) in pixels."""
    corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]) * np.asarray(frame_size_wh, np.float64)
    at = np.linspace(0, 4, 4 * steps)
    return np.column_stack([np.interp(at, np.arange(5), corners[:, axis]) for axis in (0, 1)])


def draw_zones(axes: Axes, zones: Sequence[Zone], words: HeatmapWords) -> None:
    """Outlines and names of the zones."""
    for number, zone in enumerate(zones, start=1):
        colour = ZONE_COLOURS[zone.kind]
        axes.add_patch(
            PolygonPatch(
                zone.outline.points,
                closed=True,
                facecolor="none",
                edgecolor=colour,
                linewidth=1.7,
                zorder=7,
                joinstyle="round",
                path_effects=[patheffects.withStroke(linewidth=3.4, foreground="#ffffffb0")],
            )
        )
        anchor = zone.outline.to_shape().representative_point()
        name = make_drawable(str(zone.name), otherwise=words.zone.format(number=number))
        axes.annotate(
            name,
            (anchor.x, max(y for _, y in zone.outline.points)),
            xytext=(0, -5),
            textcoords="offset points",
            ha="center",
            va="top",
            color=colour,
            fontproperties=make_font(8.5, "bold"),
            zorder=10,
            clip_on=True,
            bbox={"boxstyle": "round,pad=0.28", "facecolor": "#ffffffe6", "edgecolor": "none"},
        )


def draw_lines(axes: Axes, lines: Sequence[CountingLine]) -> None:
    """Counting lines, with an arrow in their inward direction."""
    for line in lines:
        points = np.asarray(line.path.points)
        axes.plot(
            points[:, 0],
            points[:, 1],
            color="#dc2626",
            linewidth=2.4,
            solid_capstyle="round",
            zorder=8,
            path_effects=[patheffects.withStroke(linewidth=4.2, foreground="white")],
        )
        step = np.diff(points, axis=0)[len(points) // 2 - 1]
        middle = points[len(points) // 2 - 1] + step / 2
        inward = np.array([step[1], -step[0]]) / np.hypot(*step)
        axes.annotate(
            "",
            xy=tuple(middle + inward * 0.9),
            xytext=tuple(middle),
            zorder=8,
            arrowprops={"arrowstyle": "-|>", "color": "#dc2626", "linewidth": 1.6},
        )
        name = make_drawable(str(line.name), otherwise="")
        write_label(axes, float(points[-1, 0]), float(points[-1, 1]), name, size=7.5, offset=(0, 8))


def write_label(axes: Axes, x: float, y: float, text: str, *, size: float, offset: tuple[int, int]) -> None:
    """A small label with a pale rim."""
    axes.annotate(
        text,
        (x, y),
        xytext=offset,
        textcoords="offset points",
        ha="center",
        va="center",
        color=INK,
        zorder=10,
        fontproperties=make_font(size),
        path_effects=[patheffects.withStroke(linewidth=2.5, foreground="white")],
        clip_on=True,
    )


def draw_scale_bar(axes: Axes, *, words: HeatmapWords, left: float, right: float, pad_m: float) -> None:
    """A bar of a round length, with its length in metres."""
    length = choose_scale_length((right - left) / 5)
    start, height = left + pad_m, -0.030
    transform = axes.get_xaxis_transform()
    axes.plot(
        [start, start + length],
        [height] * 2,
        color=INK,
        linewidth=2.2,
        transform=transform,
        clip_on=False,
        solid_capstyle="butt",
    )
    for x in (start, start + length):
        axes.plot(
            [x, x],
            [height - 0.008, height + 0.008],
            color=INK,
            linewidth=1.2,
            transform=transform,
            clip_on=False,
        )
    axes.text(
        start + length / 2,
        height - 0.014,
        words.metres.format(length=f"{length:g}"),
        ha="center",
        va="top",
        transform=transform,
        color=INK,
        fontproperties=make_font(8.5),
    )


def choose_scale_length(longest_m: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that does not exceed a length, metres."""
    power = 10.0 ** math.floor(math.log10(longest_m))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= longest_m * (1 + 1e-9))
