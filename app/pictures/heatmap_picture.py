"""Heatmap on its floor plan, as a PNG for reports."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image, ImageDraw, ImageFont
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
from resources.files import resource_path

DPI = 160
FINER = 2
"""Everything is drawn so many times larger and then reduced, which smooths its edges."""
INCH, POINT = DPI * FINER, DPI * FINER / 72
PLAN_WIDTH_IN, MAX_PLAN_IN = 10.0, 12.0
MIN_WIDTH_IN = 9.4
"""Minimum width, that of caption and legend."""
LEFT_IN, TOP_IN, BELOW_IN, RIGHT_IN = 0.45, 0.6, 1.15, 1.55
MAX_BAR_IN, BAR_IN = 4.5, 0.2
MAX_PICTURE_PX = 2400
"""Maximum size of a plan picture; larger ones are scaled down."""
SHORT_PRESENCE_S = 2 * 3600.0
"""Maximum presence given in minutes."""
TOP_SHARE = 0.995
"""Quantile of the cells with presence at which the scale ends, so that standing people do not flatten it."""
INK, MUTED, WALL, OBSTACLE, STAND_FILL = "#1f2937", "#64748b", "#334155", "#94a3b8", "#eef2f6"
UNSEEN, HATCH, COUNTED = "#f1f5f9", "#b6c2d1", "#dc2626"
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
Floats = npt.NDArray[np.float64]
Points = list[tuple[float, float]]


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
    values = heatmap.person_seconds_per_m2
    seen = values[np.isfinite(values) & (values > 0)]
    top = max(float(np.quantile(seen, TOP_SHARE)), 1e-9) if len(seen) else 1.0
    floor = _Floor(plan)
    if plan_picture is not None:
        floor.draw_picture(plan_picture)
    floor.draw_heat(heatmap, top)
    floor.draw_unobserved(heatmap)
    floor.draw_walls(has_picture=plan_picture is not None)
    for view in cameras:
        floor.draw_view(view)
    for zone in zones:
        floor.draw_zone(zone)
    for line in lines:
        floor.draw_line(line)
    wide, high = floor.image.size
    left, upper = round(LEFT_IN * INCH), round(TOP_IN * INCH)
    size = (
        max(wide + left + round(RIGHT_IN * INCH), round(MIN_WIDTH_IN * INCH)),
        high + upper + round(BELOW_IN * INCH),
    )
    sheet = Image.new("RGB", size, "white")
    sheet.paste(floor.image, (left, upper))
    draw = ImageDraw.Draw(sheet, "RGBA")
    _draw_scale_bar(draw, floor, left, upper + high)
    is_cut = bool(len(seen)) and float(seen.max()) > top * 1.001
    _draw_colour_bar(sheet, (left + wide + BAR_IN * INCH, upper, high), top, is_cut=is_cut)
    _draw_legend(sheet, heatmap=heatmap, cameras=cameras, lines=lines)
    caption = (
        f"Period {period_label}  ·  {100 * heatmap.coverage:.0f} % of floor and time observed"
        f"  ·  smoothed over {heatmap.bandwidth_m:.2g} m  ·  total presence "
        + _name_presence(float(heatmap.person_seconds.sum()))
    )
    draw.text((left, 0.38 * INCH), title, INK, _make_font(16, is_bold=True), anchor="lm")
    draw.text((left, size[1] - 0.32 * INCH), caption, MUTED, _make_font(9), anchor="lm")
    small = sheet.resize((size[0] // FINER, size[1] // FINER), Image.Resampling.LANCZOS)
    try:
        with replace_file(out_path) as temporary:
            small.save(temporary, "PNG")
    except OSError as error:
        raise describe_failed_write(error, out_path) from error


class _Floor:
    """The plan's part of the picture."""

    def __init__(self, plan: FloorPlan) -> None:
        self._plan = plan
        xy = np.asarray(plan.outline.points)
        self.pad_m = 0.03 * float(np.ptp(xy, axis=0).max())
        self._left_m, self._bottom_m = (xy.min(axis=0) - self.pad_m).tolist()
        right_m, self._upper_m = (xy.max(axis=0) + self.pad_m).tolist()
        width_m, height_m = right_m - self._left_m, self._upper_m - self._bottom_m
        self.px_per_m = INCH * min(PLAN_WIDTH_IN / width_m, MAX_PLAN_IN / height_m)
        size = round(width_m * self.px_per_m), round(height_m * self.px_per_m)
        self.image = Image.new("RGB", size, "white")
        self._draw = ImageDraw.Draw(self.image, "RGBA")
        self._draw.polygon(self.place(plan.outline.points), "#fbfcfd")
        obstacles = shapely.union_all([obstacle.outline.to_shape() for obstacle in plan.obstacles])
        self._mask = Image.new("L", size, 0)
        mask = ImageDraw.Draw(self._mask)
        for part in shapely.get_parts(plan.outline.to_shape().difference(obstacles)):
            if part.geom_type == "Polygon":
                mask.polygon(self.place(shapely.get_coordinates(part.exterior)), 255)
                for ring in part.interiors:
                    mask.polygon(self.place(shapely.get_coordinates(ring)), 0)

    def place(self, points_m: Iterable[Iterable[float]]) -> Points:
        """Return where points of the floor are, pixels."""
        xy = (np.asarray(list(points_m)) - (self._left_m, self._upper_m)) * (self.px_per_m, -self.px_per_m)
        return [(float(x), float(y)) for x, y in xy]

    def draw_picture(self, file: Path) -> None:
        """Draw the plan's picture, pale and nearly without colour, so that every colour is heat."""
        placed = self._plan.picture
        if placed is None:
            return
        try:
            with Image.open(file) as opened:
                left, top, right, bottom = placed.visible_px(opened.size)
                shown = opened.crop((round(left), round(top), round(right), round(bottom)))
                shown.thumbnail((MAX_PICTURE_PX, MAX_PICTURE_PX))
                pixels = np.asarray(shown.convert("RGBA").convert("RGB"), np.float64)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise VenueError(
                "The plan's picture {path} cannot be read.",
                "Use a PNG or JPEG picture, or draw without a picture.",
                path=file,
            ) from error
        grey = pixels @ np.array([0.299, 0.587, 0.114])
        pale = 255 - 0.45 * (255 - (0.8 * grey[:, :, None] + 0.2 * pixels))
        m_per_px = placed.metres_per_pixel * (right - left) / shown.width
        turn = math.radians(placed.rotation_deg)
        across = np.array([math.cos(turn), math.sin(turn)]) / m_per_px
        up = np.array([-math.sin(turn), math.cos(turn)]) / m_per_px
        # of the picture's upper left corner, and of a step to the right and down in ours
        at = np.array([self._left_m, self._upper_m]) - np.asarray(placed.corner_m)
        step = np.array([[1.0, 0.0], [0.0, -1.0]]) / self.px_per_m
        matrix = (*(step @ across), at @ across, *-(step @ up), shown.height - at @ up)
        whole = Image.fromarray(pale.round().astype(np.uint8))
        move = partial(
            Image.Image.transform,
            size=self.image.size,
            method=Image.Transform.AFFINE,
            data=matrix,
            resample=Image.Resampling.BILINEAR,
        )
        self.image.paste(move(whole), mask=move(Image.new("L", whole.size, 255)))

    def draw_heat(self, heatmap: Heatmap, top: float) -> None:
        """Draw the heat in the colours of the window and of reports, from clear to opaque."""
        # values off the floor come from the nearest floor, so that smoothing keeps their colour at walls
        row, column = ndimage.distance_transform_edt(
            ~heatmap.is_floor, return_distances=False, return_indices=True
        )
        values = np.nan_to_num(heatmap.person_seconds_per_m2)[row, column]
        how = Image.Resampling.BICUBIC if heatmap.bandwidth_m > 0 else Image.Resampling.NEAREST
        shown, corner = self._stretch(heatmap, values, how)
        colours = np.array([shade_heat(step) for step in np.linspace(0, 1, 256)], np.uint8)
        heat = Image.fromarray(colours[np.clip(shown / top * 255, 0, 255).astype(np.uint8)])
        self._paste(heat, corner)

    def draw_unobserved(self, heatmap: Heatmap) -> None:
        """Hatch what was not observed."""
        unseen = heatmap.is_unobserved()
        if not unseen.any():
            return
        # obstacles and outer cells join their neighbours, so that hatching ends at the walls
        near = ndimage.binary_dilation(unseen, np.ones((5, 5), bool))
        mask = (unseen | ~heatmap.is_floor & near).astype(np.float64)
        shown, corner = self._stretch(heatmap, mask, Image.Resampling.BILINEAR)
        hatched = Image.new("RGBA", shown.shape[::-1], UNSEEN)
        _hatch(hatched)
        hatched.putalpha(Image.fromarray(np.where(shown > 0.5, 255, 0).astype(np.uint8)))
        self._paste(hatched, corner)

    def _stretch(
        self, heatmap: Heatmap, values: Floats, how: Image.Resampling
    ) -> tuple[Floats, tuple[int, int]]:
        """Return values of the heatmap's grid in pixels, and the upper left corner, pixels."""
        x, y = heatmap.grid.x_edges(), heatmap.grid.y_edges()
        (left, upper), (right, lower) = self.place([(x[0], y[-1]), (x[-1], y[0])])
        size = round(right - left), round(lower - upper)
        grid = Image.fromarray(np.flipud(values).astype(np.float32)).resize(size, how)
        return np.asarray(grid, np.float64), (round(left), round(upper))

    def _paste(self, shown: Image.Image, corner: tuple[int, int]) -> None:
        """Paste a picture with opacity onto the floor alone, without obstacles."""
        layer = Image.new("RGBA", self.image.size, (0, 0, 0, 0))
        layer.paste(shown, corner)
        opacity = np.minimum(np.asarray(layer.getchannel("A")), np.asarray(self._mask))
        self.image.paste(layer.convert("RGB"), mask=Image.fromarray(opacity))

    def draw_walls(self, *, has_picture: bool) -> None:
        """Draw obstacles and the outline."""
        for obstacle in self._plan.obstacles:
            if not has_picture:
                self._draw.polygon(self.place(obstacle.outline.points), STAND_FILL)
            self._draw_ring(obstacle.outline, OBSTACLE, 0.9)
        self._draw_ring(self._plan.outline, WALL, 2.0)

    def _draw_ring(self, outline: Polygon, colour: str, width_pt: float) -> None:
        points = self.place(outline.points)
        # over the start, for its corner
        self._draw.line([*points, *points[:2]], colour, round(width_pt * POINT), joint="curve")

    def draw_view(self, view: CameraView) -> None:
        """Draw the border of a camera's picture on the floor, and its name at the near edge."""
        width_px, height_px = view.frame_size_wh
        corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]) * (width_px, height_px)
        at = np.linspace(0, 4, 800)
        frame = np.column_stack([np.interp(at, np.arange(5), corners[:, axis]) for axis in (0, 1)])
        border = np.array(self.place(view.geometry.project_to_floor(frame)))
        length = np.append(0.0, np.cumsum(np.nan_to_num(np.hypot(*np.diff(border, axis=0).T))))
        for start, end, gone in zip(border[:-1], border[1:], length[:-1].tolist(), strict=True):
            is_far = not np.isfinite([*start, *end]).all() or np.abs([*start, *end]).max() > 1e5
            if not is_far and gone // (4 * POINT) % 2 == 0:
                self._draw.line([tuple(start), tuple(end)], MUTED, round(0.9 * POINT))
        near = np.asarray(view.geometry.project_to_floor(np.array([[width_px / 2, float(height_px)]])))
        if np.isfinite(near).all():
            ((x, y),) = self.place(near)
            _draw_camera(self._draw, x, y)
            self._write(x, y - 11 * POINT, str(view.camera))

    def draw_zone(self, zone: Zone) -> None:
        """Draw outline and name of a zone."""
        colour, font = ZONE_COLOURS[zone.kind], _make_font(8.5, is_bold=True)
        self._draw_ring(zone.outline, "#ffffffb0", 3.4)
        self._draw_ring(zone.outline, colour, 1.7)
        anchor = zone.outline.to_shape().representative_point()
        ((x, y),) = self.place([(anchor.x, max(y for _, y in zone.outline.points))])
        y += 5 * POINT
        box = self._draw.textbbox((x, y), str(zone.name), font, anchor="ma")
        pad = 2.4 * POINT
        self._draw.rounded_rectangle(
            (box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad), pad, "#ffffffe6"
        )
        self._draw.text((x, y), str(zone.name), colour, font, anchor="ma")

    def draw_line(self, line: CountingLine) -> None:
        """Draw a counting line with an arrow in its inward direction."""
        points = self.place(line.path.points)
        for colour, width_pt in (("white", 4.2), (COUNTED, 2.4)):
            self._draw.line(points, colour, round(width_pt * POINT), joint="curve")
        first, second = (np.array(points[at]) for at in (len(points) // 2 - 1, len(points) // 2))
        along = (second - first) / np.hypot(*(second - first))
        inward = np.array([-along[1], along[0]])
        start, end = (first + second) / 2, (first + second) / 2 + 0.9 * self.px_per_m * inward
        foot, half = end - 7 * POINT * inward, 2.5 * POINT * along
        self._draw.line([tuple(start), tuple(foot)], COUNTED, round(1.6 * POINT))
        self._draw.polygon([tuple(end), tuple(foot + half), tuple(foot - half)], COUNTED)
        x, y = points[-1]
        self._write(x, y - 8 * POINT, str(line.name))

    def _write(self, x: float, y: float, text: str) -> None:
        """Write a small label with a pale rim."""
        rim, font = round(1.25 * POINT), _make_font(7.5)
        self._draw.text((x, y), text, INK, font, anchor="mm", stroke_width=rim, stroke_fill="white")


@lru_cache(maxsize=8)
def _make_font(size_pt: float, *, is_bold: bool = False) -> ImageFont.FreeTypeFont:
    file = resource_path("fonts", f"ExpoFlowSansSC-{'Bold' if is_bold else 'Regular'}.otf")
    return ImageFont.truetype(file, round(size_pt * POINT))


def _hatch(image: Image.Image) -> None:
    draw, (width, height) = ImageDraw.Draw(image), image.size
    for start in range(-height, width, round(5 * POINT)):
        draw.line([(start, height), (start + height, 0)], HATCH, round(0.8 * POINT))


def _draw_camera(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    for colour, reach in (("white", 5.0), (INK, 3.5)):
        size = reach * POINT
        draw.polygon([(x, y - size), (x + size, y + size), (x - size, y + size)], colour)


def _draw_scale_bar(draw: ImageDraw.ImageDraw, floor: _Floor, left: float, below: float) -> None:
    """Draw a bar of a round length, labelled in metres."""
    length_m = choose_scale_length(floor.image.width / floor.px_per_m / 5)
    start, end = left + floor.pad_m * floor.px_per_m, left + (floor.pad_m + length_m) * floor.px_per_m
    y, tick = below + 0.15 * INCH, 4 * POINT
    draw.line([(start, y), (end, y)], INK, round(2.2 * POINT))
    for x in (start, end):
        draw.line([(x, y - tick), (x, y + tick)], INK, round(1.2 * POINT))
    draw.text(((start + end) / 2, y + tick), f"{length_m:g} m", INK, _make_font(8.5), anchor="ma")


def choose_scale_length(max_m: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten up to a length, metres."""
    power = 10.0 ** math.floor(math.log10(max_m))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= max_m * (1 + 1e-9))


def _draw_colour_bar(
    sheet: Image.Image, place: tuple[float, float, float], top: float, *, is_cut: bool
) -> None:
    """Draw the scale.

    Args:
        place: left, top and height of the plan, pixels.
        is_cut: whether there are values above the scale's end.
    """
    left, plan_top, plan_height = place
    tall = min(0.8 * plan_height, MAX_BAR_IN * INCH)
    upper, width = plan_top + (plan_height - tall) / 2, BAR_IN * INCH
    draw = ImageDraw.Draw(sheet, "RGBA")
    for row in range(round(tall)):
        draw.line([(left, upper + row), (left + width, upper + row)], shade_heat(1 - row / tall))
    draw.rectangle((left, upper, left + width, upper + tall), outline="#cbd5e1", width=round(0.8 * POINT))
    step = choose_scale_length(top / 3)
    labels = [(at * step, "") for at in range(int(top / step + 1e-9) + 1)]
    if is_cut:
        labels = [(value, "") for value, _ in labels if value < top - step / 3] + [(top, "≥ ")]
    for value, sign in labels:
        y = upper + tall * (1 - value / top)
        shown = f"{value:.3g}" if sign and value < 1000 else f"{value:,.0f}" if sign else f"{value:,g}"
        draw.line([(left + width, y), (left + width + 3 * POINT, y)], "#94a3b8", round(0.8 * POINT))
        text = sign + shown.replace(",", " ")
        draw.text((left + width + 6 * POINT, y), text, INK, _make_font(8.5), anchor="lm")
    font, title = _make_font(9), "person-seconds per m²"
    box = font.getbbox(title)
    beside = Image.new("RGB", (round(box[2]), round(box[3])), "white")
    ImageDraw.Draw(beside).text((0, 0), title, INK, font)
    turned = beside.rotate(90, expand=True)
    x, y = round(left + width + 0.65 * INCH), round(upper + (tall - turned.height) / 2)
    sheet.paste(turned, (x, max(0, y)))


def _draw_legend(
    sheet: Image.Image,
    *,
    heatmap: Heatmap,
    cameras: Sequence[CameraView],
    lines: Sequence[CountingLine],
) -> None:
    """Draw the legend at the lower right, from right to left."""
    draw = ImageDraw.Draw(sheet)
    x, y, sign = sheet.width - 0.2 * INCH, sheet.height - 0.68 * INCH, 16 * POINT
    font = _make_font(8.5)
    names = ["Not observed"] if heatmap.is_unobserved().any() else []
    names += ["Camera's view", "Camera"] if cameras else []
    for name in reversed([*names, *(["Counting line"] if lines else [])]):
        draw.text((x, y), name, INK, font, anchor="rm")
        x -= font.getlength(name) + 5 * POINT
        left = x - sign
        match name:
            case "Not observed":
                swatch = Image.new("RGB", (round(sign), round(8 * POINT)), UNSEEN)
                _hatch(swatch)
                sheet.paste(swatch, (round(left), round(y - 4 * POINT)))
            case "Camera's view":
                for dash in range(3):
                    begins = left + dash * 6 * POINT
                    draw.line([(begins, y), (begins + 4 * POINT, y)], MUTED, round(0.9 * POINT))
            case "Camera":
                _draw_camera(draw, x - sign / 2, y)
            case _:
                draw.line([(left, y), (x, y)], COUNTED, round(2.4 * POINT))
        x = left - 16 * POINT


def _name_presence(person_seconds: float) -> str:
    if person_seconds < SHORT_PRESENCE_S:
        return f"{person_seconds / 60:.1f} person-minutes"
    return f"{person_seconds / 3600:.1f} person-hours"
