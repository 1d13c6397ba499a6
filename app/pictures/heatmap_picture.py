"""A heatmap on its floor plan, as a PNG that can go into a report."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from scipy import ndimage

from analytics.domain.floor_plan import FloorPlan
from analytics.domain.zone import CountingLine, Zone
from analytics.metrics.coverage import CameraView
from analytics.metrics.heatmap import Heatmap
from analytics.reports.result_files import describe_failed_write
from app.pictures.heatmap_words import ENGLISH, LANGUAGES, HeatmapWords
from app.pictures.plan_fonts import can_draw, make_drawable
from app.pictures.plan_layers import (
    INK,
    MUTED,
    draw_floor,
    draw_lines,
    draw_scale_bar,
    draw_views,
    draw_walls,
    draw_zones,
    floor_path,
    make_font,
)
from resources.atomic_file import replace_file

_LOGGER = logging.getLogger(__name__)

DPI = 160
PLAN_WIDTH_IN = 10.0
TALLEST_PLAN_IN = 12.0
LEAST_WIDTH_IN = 9.4
"""As wide as the caption and the legend."""
TALLEST_BAR_IN = 4.5
SHORT_PRESENCE_S = 2 * 3600.0
"""Less is told in minutes."""
TOP_SHARE = 0.995
"""Where the scale ends among the cells with presence: one person standing still must not flatten it."""


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
    top: float | None = None,
    language: str = "en",
) -> None:
    """Draw presence over the plan and write it as a PNG, whole or not at all.

    Args:
        period_label: when, in words, such as ``2026-11-25 09:00 to 18:00``.
        plan_picture: shown below the heat; None: the outline and the obstacles alone.
        top: end of the colour scale in person-seconds per m², to compare pictures; None: from the data.
        language: ``en`` or ``zh``; English where no font can draw Chinese, with a warning in the log.

    Raises:
        VenueError: the plan's picture cannot be read.
        OutputError: the PNG cannot be written.
    """
    words = _choose_words(language)
    xy = np.asarray(plan.outline.points)
    pad_m = 0.03 * float(np.ptp(xy, axis=0).max())
    (left, bottom), (right, upper) = xy.min(axis=0) - pad_m, xy.max(axis=0) + pad_m
    aspect = float((upper - bottom) / (right - left))
    width_in = min(PLAN_WIDTH_IN, TALLEST_PLAN_IN / aspect)
    height_in = width_in * aspect
    total_w, total_h = max(width_in + 2.0, LEAST_WIDTH_IN), height_in + 1.75
    figure = Figure(figsize=(total_w, total_h), dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.45 / total_w, 1.15 / total_h, width_in / total_w, height_in / total_h))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, upper)
    axes.set_aspect("equal")
    axes.set_axis_off()

    draw_floor(axes, plan, plan_picture)
    heat = _draw_heat(axes, heatmap, plan, top)
    _draw_unobserved(axes, heatmap, plan)
    draw_walls(axes, plan, has_picture=plan_picture is not None)
    draw_views(axes, cameras)
    draw_zones(axes, zones, words)
    draw_lines(axes, lines)
    draw_scale_bar(axes, words=words, left=left, right=right, pad_m=pad_m)
    _draw_colour_bar(
        figure,
        heat=heat,
        heatmap=heatmap,
        words=words,
        plan_box=axes.get_position().bounds,
        size_in=(total_w, total_h),
    )
    _draw_legend(figure, heatmap=heatmap, cameras=cameras, lines=lines, words=words, total_h=total_h)
    _draw_texts(
        figure,
        heatmap=heatmap,
        title=title,
        period_label=period_label,
        words=words,
        total_w=total_w,
        total_h=total_h,
    )
    try:
        with replace_file(out_path) as temporary:
            print_png: Any = canvas.print_png
            print_png(str(temporary), metadata={"Software": None})
    except OSError as error:
        raise describe_failed_write(error, out_path) from error


def _choose_words(language: str) -> HeatmapWords:
    words = LANGUAGES.get(language[:2], ENGLISH)
    if not can_draw(words.unit + words.unobserved):
        _LOGGER.warning(
            "No font on this machine can draw the language '%s'; the picture is labelled in English. "
            "Install a font such as Noto Sans CJK SC.",
            language,
        )
        return ENGLISH
    return words


def _heat_colours() -> ListedColormap:
    """A perceptually uniform map from clear to dark, transparent where nobody was."""
    steps = np.linspace(0, 1, 256)
    colours = colormaps["inferno_r"](0.08 + 0.87 * steps)
    colours[:, 3] = np.clip(steps / 0.22, 0, 1) ** 0.8 * 0.88
    return ListedColormap(colours)


def _draw_heat(axes: Axes, heatmap: Heatmap, plan: FloorPlan, top: float | None) -> AxesImage:
    values = heatmap.person_seconds_per_m2
    seen = values[np.isfinite(values) & (values > 0)]
    if top is None:
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
    """Values for drawing: off the floor those of the nearest floor, lest interpolation be pale at walls."""
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
    # obstacles and outer cells go with their neighbours, so that hatching ends at the walls
    shown = mask | ~heatmap.is_floor & _touches(mask)
    region = axes.contourf(
        centres[:, :, 0],
        centres[:, :, 1],
        shown.astype(float),
        levels=[0.5, 1.5],
        colors=["#f1f5f9"],
        zorder=3,
    )
    hatch = axes.contourf(
        centres[:, :, 0],
        centres[:, :, 1],
        shown.astype(float),
        levels=[0.5, 1.5],
        colors="none",
        hatches=["////"],
        zorder=3,
    )
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
    words: HeatmapWords,
    plan_box: Any,
    size_in: tuple[float, float],
) -> None:
    left, bottom, width, height = plan_box
    tall = min(0.8 * height, TALLEST_BAR_IN / size_in[1])
    axes = figure.add_axes(
        (left + width + 0.2 / size_in[0], bottom + (height - tall) / 2, 0.2 / size_in[0], tall)
    )
    values = heatmap.person_seconds_per_m2
    most = heat.get_clim()[1] or 1.0
    is_cut = bool(np.isfinite(values).any() and np.nanmax(values) > most * 1.001)
    bar = figure.colorbar(heat, cax=axes, extend="max" if is_cut else "neither", extendfrac=0.03)
    bar.outline.set_edgecolor("#cbd5e1")  # type: ignore[operator, union-attr, unused-ignore]
    # neighbours that overlap by a border would show as stripes where the colours are transparent
    bar.solids.set(edgecolor="none", antialiased=False)  # type: ignore[union-attr, unused-ignore]
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}".replace(",", " ")))
    axes.tick_params(length=3, color="#94a3b8", labelcolor=INK)
    for label in axes.get_yticklabels():
        label.set_fontproperties(make_font(8.5))
    axes.set_ylabel(words.unit, color=INK, fontproperties=make_font(9), labelpad=8)


def _draw_legend(
    figure: Figure,
    *,
    heatmap: Heatmap,
    cameras: Sequence[CameraView],
    lines: Sequence[CountingLine],
    words: HeatmapWords,
    total_h: float,
) -> None:
    entries: list[Any] = []
    if heatmap.is_unobserved().any():
        entries.append(Patch(facecolor="#f1f5f9", edgecolor="#b6c2d1", hatch="////", label=words.unobserved))
    if cameras:
        entries.append(Line2D([], [], color=MUTED, linestyle="dashed", linewidth=0.9, label=words.view))
        entries.append(
            Line2D([], [], color=INK, marker="^", linestyle="none", markersize=7, label=words.camera)
        )
    if lines:
        entries.append(Line2D([], [], color="#dc2626", linewidth=2.4, label=words.line))
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


def _draw_texts(
    figure: Figure,
    *,
    heatmap: Heatmap,
    title: str,
    period_label: str,
    words: HeatmapWords,
    total_w: float,
    total_h: float,
) -> None:
    left = 0.45 / total_w
    figure.text(
        left,
        1 - 0.38 / total_h,
        make_drawable(title),
        color=INK,
        fontproperties=make_font(16, "bold"),
        va="center",
        ha="left",
    )
    caption = words.caption.format(
        period=make_drawable(period_label),
        coverage=f"{100 * heatmap.coverage:.0f} %",
        bandwidth=f"{heatmap.bandwidth_m:.2g}",
        presence=_name_presence(float(heatmap.person_seconds.sum()), words),
    )
    figure.text(
        left, 0.32 / total_h, caption, color=MUTED, fontproperties=make_font(9), va="center", ha="left"
    )


def _name_presence(person_seconds: float, words: HeatmapWords) -> str:
    if person_seconds < SHORT_PRESENCE_S:
        return words.person_minutes.format(amount=person_seconds / 60)
    return words.person_hours.format(amount=person_seconds / 3600)
