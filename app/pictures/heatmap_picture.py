"""Heatmap on its floor plan, as a PNG for reports."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib import font_manager, ft2font, patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.patches import Polygon as PolygonPatch
from matplotlib.path import Path as DrawnPath
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Affine2D
from PIL import Image
from scipy import ndimage

from analytics.density.heatmap import Heatmap
from analytics.domain.errors import VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.metrics.coverage import CameraView
from analytics.results.result_files import describe_failed_write
from resources.atomic_file import replace_file
from resources.colours import shade_heat

_LOGGER = logging.getLogger(__name__)
LATIN_FAMILIES = ("Source Sans 3", "Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans")
CHINESE_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)


@lru_cache(maxsize=1)
def find_families() -> tuple[str, ...]:
    """Return installed font families in order of preference; never empty."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    latin = [family for family in LATIN_FAMILIES if family in installed][:1]
    chinese = [family for family in CHINESE_FAMILIES if family in installed][:1]
    return (*latin, *chinese)


def make_drawable(text: str, *, otherwise: str | None = None) -> str:
    """Return the text if every character has a glyph; else ``otherwise``, or ``?`` for the missing ones.

    Missing characters are logged.
    """
    missing = sorted({char for char in text if not char.isspace() and not _has_glyph(char)})
    if not missing:
        return text
    drawn = otherwise if otherwise is not None else "".join("?" if c in missing else c for c in text)
    _LOGGER.warning(
        "No font on this machine has the characters %s of '%s'; the picture shows '%s'. "
        "Install a Chinese font such as Noto Sans CJK SC.",
        "".join(missing),
        text,
        drawn,
    )
    return drawn


@lru_cache(maxsize=4096)
def _has_glyph(char: str) -> bool:
    return any(ord(char) in _read_characters(family) for family in find_families())


@lru_cache(maxsize=8)
def _read_characters(family: str) -> frozenset[int]:
    path = font_manager.findfont(font_manager.FontProperties(family=family), fallback_to_default=False)
    return frozenset(ft2font.FT2Font(path).get_charmap())


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
MAX_PICTURE_PX = 2400
"""Maximum size of a plan picture; larger ones are scaled down."""


def make_font(size: float, weight: str = "normal") -> FontProperties:
    """Return the fonts of the plan in one size."""
    return FontProperties(family=list(find_families()), size=size, weight=weight)


def draw_floor(axes: Axes, plan: FloorPlan, picture: Path | None) -> None:
    """Draw the floor, and the plan's picture on it, pale."""
    _add_ring(axes, plan.outline, facecolor="#fbfcfd", edgecolor="none")
    if picture is None or plan.picture is None:
        return
    try:
        with Image.open(picture) as opened:
            left, top, right, bottom = plan.picture.visible_px(opened.size)
            shown = opened.crop((round(left), round(top), round(right), round(bottom)))
            shown.thumbnail((MAX_PICTURE_PX, MAX_PICTURE_PX))
            pixels = np.asarray(shown.convert("RGBA").convert("RGB"), np.float64) / 255
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise VenueError(
            "The plan's picture {path} cannot be read.",
            "Use a PNG or JPEG picture, or draw without a picture.",
            path=picture,
        ) from error
    grey = pixels @ np.array([0.299, 0.587, 0.114])
    # pale and nearly without colour, so that every colour in the result is heat
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
    """Return the floor without its obstacles, as a clip path."""
    obstacles = shapely.union_all([obstacle.outline.to_shape() for obstacle in plan.obstacles])
    # matplotlib recognises holes by their opposite orientation
    floor = shapely.orient_polygons(plan.outline.to_shape().difference(obstacles))
    rings = [
        DrawnPath(shapely.get_coordinates(ring), closed=True)
        for polygon in shapely.get_parts(floor)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    path = DrawnPath.make_compound_path(*rings)
    return PathPatch(path, transform=axes.transData, facecolor="none", edgecolor="none")


def draw_walls(axes: Axes, plan: FloorPlan, *, has_picture: bool) -> None:
    """Draw obstacles and the outline."""
    fill = "none" if has_picture else STAND_FILL
    for obstacle in plan.obstacles:
        _add_ring(axes, obstacle.outline, facecolor=fill, edgecolor="#94a3b8", linewidth=0.9, zorder=4)
    _add_ring(axes, plan.outline, edgecolor=WALL, linewidth=2.0, zorder=5, joinstyle="round")


def _add_ring(axes: Axes, outline: Polygon, *, facecolor: str = "none", **style: Any) -> None:
    axes.add_patch(PolygonPatch(outline.points, closed=True, facecolor=facecolor, **style))


def draw_views(axes: Axes, cameras: Sequence[CameraView]) -> None:
    """Draw the border of every camera's picture on the floor, and its name at the near edge."""
    for view in cameras:
        border = view.geometry.project_to_floor(_walk_round_frame(view.frame_size_wh))
        axes.plot(border[:, 0], border[:, 1], color=MUTED, linewidth=0.9, linestyle="dashed", zorder=6)
        width_px, height_px = view.frame_size_wh
        near = view.geometry.project_to_floor(np.array([[width_px / 2, float(height_px)]]))[0]
        if np.isfinite(near).all():
            x, y = float(near[0]), float(near[1])
            axes.plot(x, y, marker="^", markersize=7, color=INK, markeredgecolor="white", zorder=9)
            write_label(axes, x, y, make_drawable(str(view.camera)), size=7.5, offset=(0, 11))


def _walk_round_frame(frame_size_wh: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Return points on the border of a frame, closed, shape (800, 2) in pixels."""
    corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]) * np.asarray(frame_size_wh, np.float64)
    at = np.linspace(0, 4, 800)
    return np.column_stack([np.interp(at, np.arange(5), corners[:, axis]) for axis in (0, 1)])


def draw_zones(axes: Axes, zones: Sequence[Zone]) -> None:
    """Draw outlines and names of the zones."""
    for number, zone in enumerate(zones, start=1):
        colour = ZONE_COLOURS[zone.kind]
        style: dict[str, Any] = {"edgecolor": colour, "linewidth": 1.7, "zorder": 7, "joinstyle": "round"}
        rim = [patheffects.withStroke(linewidth=3.4, foreground="#ffffffb0")]
        _add_ring(axes, zone.outline, path_effects=rim, **style)
        anchor = zone.outline.to_shape().representative_point()
        name = make_drawable(str(zone.name), otherwise=f"Zone {number}")
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
    """Draw counting lines with an arrow in their inward direction."""
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
    """Write a small label with a pale rim."""
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


def draw_scale_bar(axes: Axes, *, left: float, right: float, pad_m: float) -> None:
    """Draw a bar of a round length, labelled in metres."""
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
        f"{length:g} m",
        ha="center",
        va="top",
        transform=transform,
        color=INK,
        fontproperties=make_font(8.5),
    )


def choose_scale_length(max_m: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten up to a length, metres."""
    power = 10.0 ** math.floor(math.log10(max_m))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= max_m * (1 + 1e-9))


DPI = 160
PLAN_WIDTH_IN = 10.0
MAX_PLAN_IN = 12.0
MIN_WIDTH_IN = 9.4
"""Minimum width, that of caption and legend."""
MAX_BAR_IN = 4.5
SHORT_PRESENCE_S = 2 * 3600.0
"""Maximum presence given in minutes."""
TOP_SHARE = 0.995
"""Quantile of the cells with presence at which the scale ends, so that standing people do not flatten it."""


def draw_heatmap(
    *,
    heatmap: Heatmap,
    plan: FloorPlan,
    out_path: Path,
    title: str,
    period_label: str,
    plan_picture: Path | None = None,
    zones: Sequence[Zone] = (),
    lines: Sequence[CountingLine] = (),
    cameras: Sequence[CameraView] = (),
) -> None:
    """Draw presence over the plan and write it as a PNG, whole or not at all.

    Args:
        period_label: such as ``2026-11-25 09:00 to 18:00``.
        plan_picture: shown below the heat; None for outline and obstacles only.

    Raises:
        VenueError: the plan's picture cannot be read.
        OutputError: the PNG cannot be written.
    """
    xy = np.asarray(plan.outline.points)
    pad_m = 0.03 * float(np.ptp(xy, axis=0).max())
    (left, bottom), (right, upper) = xy.min(axis=0) - pad_m, xy.max(axis=0) + pad_m
    aspect = float((upper - bottom) / (right - left))
    width_in = min(PLAN_WIDTH_IN, MAX_PLAN_IN / aspect)
    height_in = width_in * aspect
    total_w, total_h = max(width_in + 2.0, MIN_WIDTH_IN), height_in + 1.75
    figure = Figure(figsize=(total_w, total_h), dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.45 / total_w, 1.15 / total_h, width_in / total_w, height_in / total_h))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, upper)
    axes.set_aspect("equal")
    axes.set_axis_off()

    draw_floor(axes, plan, plan_picture)
    heat = _draw_heat(axes, heatmap, plan)
    _draw_unobserved(axes, heatmap, plan)
    draw_walls(axes, plan, has_picture=plan_picture is not None)
    draw_views(axes, cameras)
    draw_zones(axes, zones)
    draw_lines(axes, lines)
    draw_scale_bar(axes, left=left, right=right, pad_m=pad_m)
    _draw_colour_bar(
        figure,
        heat=heat,
        heatmap=heatmap,
        plan_box=axes.get_position().bounds,
        size_in=(total_w, total_h),
    )
    _draw_legend(figure, heatmap=heatmap, cameras=cameras, lines=lines, total_h=total_h)
    caption = (
        f"Period {make_drawable(period_label)}  ·  {100 * heatmap.coverage:.0f} % of floor and time observed"
        f"  ·  smoothed over {heatmap.bandwidth_m:.2g} m  ·  total presence "
        + _name_presence(float(heatmap.person_seconds.sum()))
    )
    write = partial(figure.text, 0.45 / total_w, va="center", ha="left")
    write(1 - 0.38 / total_h, make_drawable(title), color=INK, fontproperties=make_font(16, "bold"))
    write(0.32 / total_h, caption, color=MUTED, fontproperties=make_font(9))
    try:
        with replace_file(out_path) as temporary:
            print_png: Any = canvas.print_png
            print_png(str(temporary), metadata={"Software": None})
    except OSError as error:
        raise describe_failed_write(error, out_path) from error


def _heat_colours() -> ListedColormap:
    """Return the colours of the window and of reports, from clear to opaque."""
    return ListedColormap(np.array([shade_heat(step) for step in np.linspace(0, 1, 256)]) / 255)


def _draw_heat(axes: Axes, heatmap: Heatmap, plan: FloorPlan) -> AxesImage:
    values = heatmap.person_seconds_per_m2
    seen = values[np.isfinite(values) & (values > 0)]
    top = float(np.quantile(seen, TOP_SHARE)) if len(seen) else 1.0
    scale, colours = Normalize(0.0, max(top, 1e-9), clip=True), _heat_colours()
    x, y = heatmap.grid.x_edges(), heatmap.grid.y_edges()
    image = axes.imshow(
        _extend_to_walls(heatmap),
        extent=(x[0], x[-1], y[0], y[-1]),
        origin="lower",
        cmap=colours,
        norm=scale,
        interpolation="bicubic" if heatmap.bandwidth_m > 0 else "nearest",
        zorder=2,
    )
    image.set_clip_path(floor_path(axes, plan))
    return image


def _extend_to_walls(heatmap: Heatmap) -> npt.NDArray[np.float64]:
    """Extend values off the floor from the nearest floor, so that interpolation keeps its colour at walls."""
    row, column = ndimage.distance_transform_edt(
        ~heatmap.is_floor, return_distances=False, return_indices=True
    )
    extended: npt.NDArray[np.float64] = np.nan_to_num(heatmap.person_seconds_per_m2)[row, column]
    return extended


def _draw_unobserved(axes: Axes, heatmap: Heatmap, plan: FloorPlan) -> None:
    mask = heatmap.is_unobserved()
    if not mask.any():
        return
    centres = heatmap.grid.centres().reshape(*heatmap.grid.shape, 2)
    # obstacles and outer cells join their neighbours, so that hatching ends at the walls
    shown = mask | ~heatmap.is_floor & _touches(mask)
    draw = partial(
        axes.contourf, centres[:, :, 0], centres[:, :, 1], shown.astype(float), levels=[0.5, 1.5], zorder=3
    )
    region, hatch = draw(colors=["#f1f5f9"]), draw(colors="none", hatches=["////"])
    hatch.set_edgecolor("#b6c2d1")
    hatch.set_linewidth(0.0)
    for drawn in (region, hatch):
        drawn.set_clip_path(floor_path(axes, plan))


def _touches(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    padded = np.pad(mask, 2)
    rows, columns = mask.shape
    near = np.zeros_like(mask)
    for down in range(5):
        for across in range(5):
            near |= padded[down : down + rows, across : across + columns]
    return near


def _draw_colour_bar(
    figure: Figure,
    *,
    heat: AxesImage,
    heatmap: Heatmap,
    plan_box: Any,
    size_in: tuple[float, float],
) -> None:
    left, bottom, width, height = plan_box
    tall = min(0.8 * height, MAX_BAR_IN / size_in[1])
    axes = figure.add_axes(
        (left + width + 0.2 / size_in[0], bottom + (height - tall) / 2, 0.2 / size_in[0], tall)
    )
    values = heatmap.person_seconds_per_m2
    most = heat.get_clim()[1] or 1.0
    is_cut = bool(np.isfinite(values).any() and np.nanmax(values) > most * 1.001)
    bar = figure.colorbar(heat, cax=axes, extend="max" if is_cut else "neither", extendfrac=0.03)
    bar.outline.set_edgecolor("#cbd5e1")  # type: ignore[operator, union-attr, unused-ignore]
    # overlapping borders would show as stripes where the colours are transparent
    bar.solids.set(edgecolor="none", antialiased=False)  # type: ignore[union-attr, unused-ignore]
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}".replace(",", " ")))
    axes.tick_params(length=3, color="#94a3b8", labelcolor=INK)
    for label in axes.get_yticklabels():
        label.set_fontproperties(make_font(8.5))
    axes.set_ylabel("person-seconds per m²", color=INK, fontproperties=make_font(9), labelpad=8)


def _draw_legend(
    figure: Figure,
    *,
    heatmap: Heatmap,
    cameras: Sequence[CameraView],
    lines: Sequence[CountingLine],
    total_h: float,
) -> None:
    entries: list[Any] = []
    if heatmap.is_unobserved().any():
        entries.append(Patch(facecolor="#f1f5f9", edgecolor="#b6c2d1", hatch="////", label="Not observed"))
    if cameras:
        entries.append(Line2D([], [], color=MUTED, linestyle="dashed", linewidth=0.9, label="Camera's view"))
        entries.append(Line2D([], [], color=INK, marker="^", linestyle="none", markersize=7, label="Camera"))
    if lines:
        entries.append(Line2D([], [], color="#dc2626", linewidth=2.4, label="Counting line"))
    if entries:
        figure.legend(
            handles=entries,
            loc="lower right",
            bbox_to_anchor=(0.985, 0.52 / total_h),
            ncols=len(entries),
            frameon=False,
            prop=make_font(8.5),
            labelcolor=INK,
            handlelength=1.8,
            columnspacing=1.6,
        )


def _name_presence(person_seconds: float) -> str:
    if person_seconds < SHORT_PRESENCE_S:
        return f"{person_seconds / 60:.1f} person-minutes"
    return f"{person_seconds / 3600:.1f} person-hours"
