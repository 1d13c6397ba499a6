from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analytics.density.heatmap import Heatmap, compute_heatmap
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import OutputError, VenueError
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorPlan, Obstacle, PlanPicture
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.metrics.coverage import CameraView
from app.pictures.heatmap_picture import choose_scale_length, draw_heatmap
from tests.support.halls.known_crowd import make_track_table


def make_box(left: float, bottom: float, right: float, top: float) -> Polygon:
    return Polygon.from_points([(left, bottom), (right, bottom), (right, top), (left, top)], what="box")


FLOOR = make_box(0, 0, 12, 6)
PLAN = FloorPlan(FLOOR, None, (Obstacle("pillar", make_box(5, 2, 6, 3)),))
ZONES = [Zone(ZoneId("Robots"), ZoneKind.BOOTH, make_box(1, 1, 4, 4))]
LINES = [CountingLine(LineId("door"), ZoneKind.ENTRANCE, Polyline.from_points([(8, 1), (8, 5)], what="door"))]
VIEW = CameraView(
    CameraId("cam"),
    CameraGeometry(np.array([[0.01, 0.0, 0.0], [0.0, -0.01, 6.0], [0.0, 0.0, 1.0]])),
    (900, 600),
)


def make_heatmap() -> Heatmap:
    moments = np.arange(0.0, 100.0)
    tracks = make_track_table(
        time_s=moments, tracklet=[1] * 100, x_m=np.full(100, 2.5), y_m=np.full(100, 2.5), sigma_m=0.1
    )
    return compute_heatmap(
        tracks=tracks, spans=None, camera_views=[VIEW], outline=FLOOR, period_s=(0.0, 100.0),
        obstacles=[obstacle.outline for obstacle in PLAN.obstacles],
    )  # fmt: skip


def draw(path: Path, **changed: object) -> np.ndarray:
    options: dict = {
        "heatmap": make_heatmap(),
        "plan": PLAN,
        "title": "Hall 3",
        "period_label": "09:00 to 10:00",
        "zones": ZONES,
        "lines": LINES,
        "cameras": [VIEW],
    }
    draw_heatmap(out_path=path, **{**options, **changed})
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB"), float)


def find_plan(pixels: np.ndarray) -> tuple[slice, slice]:
    """Return rows and columns of the floor within its dark outline."""
    wall = np.abs(pixels - np.array([51, 65, 85])).max(axis=2) < 12
    rows = np.flatnonzero(wall.sum(axis=1) > 0.5 * pixels.shape[1])
    columns = np.flatnonzero(wall.sum(axis=0) > 0.4 * pixels.shape[0])
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)


def test_heat_lies_where_the_person_stood(tmp_path: Path) -> None:
    pixels = draw(tmp_path / "heat.png", zones=(), lines=(), cameras=())
    rows, columns = find_plan(pixels)
    floor = pixels[rows, columns]
    height, width = floor.shape[:2]
    assert width / height == pytest.approx(12 / 6, rel=0.01)
    per_m = width / 12
    assert floor.shape[0] > 100

    def colour(x_m: float, y_m: float) -> np.ndarray:
        return floor[round(height - y_m * per_m), round(x_m * per_m)]

    # the lightest colour of the scale where the most heat is, pale on empty floor, and y points up
    red, green, blue = colour(2.5, 2.5)
    assert min(red, green) > blue + 100
    assert colour(2.5, 5.0).sum() > 700
    assert colour(8.0, 5.0).sum() > 700
    unobserved = floor[:, round(10.5 * per_m) : round(11.8 * per_m)]
    seen = floor[:, round(7.0 * per_m) : round(8.0 * per_m)]
    assert unobserved[10:-10].std() > 5 * max(1.0, seen[10:-10].std()), "unobserved floor is hatched"


def test_the_same_input_gives_the_same_picture(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    draw(tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_plan_picture_lies_below_the_heat(tmp_path: Path) -> None:
    drawing = np.full((60, 120, 3), 255, np.uint8)
    drawing[:30, 60:] = 0
    Image.fromarray(drawing).save(tmp_path / "plan.png")
    plan = FloorPlan(FLOOR, PlanPicture("plan.png", metres_per_pixel=0.1))
    pixels = draw(
        tmp_path / "heat.png", plan=plan, plan_picture=tmp_path / "plan.png", zones=(), lines=(), cameras=()
    )
    rows, columns = find_plan(pixels)
    floor = pixels[rows, columns]
    height, width = floor.shape[:2]
    upper_right, lower_right = floor[height // 4, width * 2 // 3], floor[height * 3 // 4, width * 2 // 3]
    assert upper_right.mean() < 170 < 240 < lower_right.mean()


def test_a_rotated_plan_picture_is_placed_correctly(tmp_path: Path) -> None:
    drawing = np.zeros((60, 240, 3), np.uint8)
    drawing[:, 120:] = 255
    drawing[:30, 120:180] = 0
    Image.fromarray(drawing).save(tmp_path / "plan.png")
    corner_m = (12.0, 6.0)
    picture = PlanPicture("plan.png", 0.1, corner_m, rotation_deg=180.0, crop_px=(120.0, 0.0, 240.0, 60.0))
    pixels = draw(
        tmp_path / "heat.png",
        plan=FloorPlan(FLOOR, picture),
        plan_picture=tmp_path / "plan.png",
        zones=(),
        lines=(),
        cameras=(),
    )
    rows, columns = find_plan(pixels)
    floor = pixels[rows, columns]
    height, width = floor.shape[:2]
    # upside down: what was dark at the upper left is dark at the lower right
    lower_right, upper_right = floor[height * 3 // 4, width * 2 // 3], floor[height // 4, width * 2 // 3]
    assert lower_right.mean() < 170 < 240 < upper_right.mean()


def test_an_unreadable_plan_picture_is_reported(tmp_path: Path) -> None:
    (tmp_path / "plan.png").write_text("no picture")
    plan = FloorPlan(FLOOR, PlanPicture("plan.png", metres_per_pixel=0.1))
    with pytest.raises(VenueError, match=r"plan\.png cannot be read"):
        draw(tmp_path / "heat.png", plan=plan, plan_picture=tmp_path / "plan.png")
    assert not (tmp_path / "heat.png").exists()


def test_an_empty_heatmap_can_be_drawn(tmp_path: Path) -> None:
    nobody = compute_heatmap(
        tracks=make_track_table(time_s=[], tracklet=[], x_m=[], y_m=[]),
        spans=None,
        camera_views=(),
        outline=FLOOR,
        period_s=(0.0, 100.0),
    )
    assert draw(tmp_path / "heat.png", heatmap=nobody).shape[2] == 3


def test_chinese_names_are_drawn(tmp_path: Path) -> None:
    outline = make_box(1, 1, 4, 4)
    booth = draw(tmp_path / "a.png", zones=[Zone(ZoneId("展台"), ZoneKind.BOOTH, outline)])
    other = draw(tmp_path / "b.png", zones=[Zone(ZoneId("展会"), ZoneKind.BOOTH, outline)])
    assert not np.array_equal(booth, other)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="could not be written"):
        draw(tmp_path / "absent" / "heat.png")


@pytest.mark.parametrize(
    ("longest_m", "length_m"), [(1.0, 1.0), (4.9, 2.0), (6.4, 5.0), (25.0, 20.0), (0.3, 0.2)]
)
def test_the_scale_bar_has_a_round_length(longest_m: float, length_m: float) -> None:
    assert choose_scale_length(longest_m) == pytest.approx(length_m)
