"""Renders labelled pictures of people in random halls, for training and for measuring a detector."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendering.backdrop import cast_backdrop
from tools.simulation.rendering.figure import Appearance, Pose, draw_appearance
from tools.simulation.rendering.hall import Hall
from tools.simulation.rendering.scene_renderer import Look, RenderedPerson, SceneRenderer
from tools.training.hall_kinds import HallKind, build_random_hall
from vision.pixel_types import Picture

RENDER_WH = (768, 448)
LABEL_COLUMNS = ("picture", "x1", "y1", "x2", "y2", "covered_share")


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPicture:
    """A picture and who is in it.

    Attributes:
        boxes: shape (n, 5) float32: the whole figure's left, top, right, bottom in pixels, cut at the
            picture's edges, and the share of the figure that is covered or outside.
    """

    picture: Picture
    boxes: npt.NDArray[np.float32]


def render_pictures(
    *, kind: HallKind, pictures: int, rng: np.random.Generator, size_wh: tuple[int, int] = RENDER_WH
) -> list[LabelledPicture]:
    """Several moments of one random hall, seen by one random camera."""
    hall = build_random_hall(kind=kind, rng=rng)
    camera = _hang_camera(hall, size_wh, rng)
    renderer = SceneRenderer(
        camera=camera,
        backdrop=cast_backdrop(faces=hall.faces, camera=camera),
        look=_draw_look(rng),
        seed=int(rng.integers(2**31)),
    )
    result = []
    for _ in range(pictures):
        picture, people = renderer.render(_draw_crowd(hall, camera, rng))
        result.append(LabelledPicture(picture, _to_boxes(people, size_wh)))
    return result


def write_dataset(
    folder: Path,
    *,
    kinds: tuple[HallKind, ...],
    halls: int,
    pictures_per_hall: int,
    seed: int,
    on_progress: Callable[[float], None] = lambda _: None,
) -> int:
    """Render a data set into JPEG files and ``labels.csv``; returns the number of pictures.

    The kinds take turns; the same seed gives the same pictures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(LABEL_COLUMNS)
        for hall in range(halls):
            rng = np.random.default_rng([seed, hall])
            for labelled in render_pictures(
                kind=kinds[hall % len(kinds)], pictures=pictures_per_hall, rng=rng
            ):
                name = f"{count:06d}.jpg"
                quality = int(rng.integers(60, 96))
                cv2.imwrite(str(folder / name), labelled.picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
                writer.writerows([name, *(f"{v:.3f}" for v in box)] for box in labelled.boxes)
                count += 1
            file.flush()
            on_progress((hall + 1) / halls)
    return count


def read_dataset(folder: Path) -> dict[str, npt.NDArray[np.float32]]:
    """File name to boxes, shape (n, 5), of a written data set; pictures without people included."""
    rows: dict[str, list[list[float]]] = {path.name: [] for path in sorted(folder.glob("*.jpg"))}
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["picture"]].append([float(row[name]) for name in LABEL_COLUMNS[1:]])
    return {name: np.array(boxes, np.float32).reshape(-1, 5) for name, boxes in rows.items()}


def _hang_camera(hall: Hall, size_wh: tuple[int, int], rng: np.random.Generator) -> PinholeCamera:
    width, depth = hall.size_m
    corner = rng.random() < 0.5
    x = float(rng.choice([0.2, width - 0.2])) if corner else float(rng.uniform(0.2, width - 0.2))
    y = 0.2
    height = float(rng.uniform(2.2, 5.5)) if rng.random() < 0.85 else float(rng.uniform(1.5, 2.2))
    target = np.array([width * rng.uniform(0.25, 0.75), depth * rng.uniform(0.35, 0.9)])
    away = target - (x, y)
    fov = float(np.deg2rad(rng.uniform(45, 100)))
    middle = float(np.arctan2(height - 1.0, np.hypot(*away)))
    tilt = float(np.clip(middle + rng.normal(0, 0.1), 0.0, 1.1))
    return PinholeCamera((x, y, height), float(np.arctan2(away[1], away[0])), tilt, fov, size_wh)


def _draw_look(rng: np.random.Generator) -> Look:
    angle = rng.uniform(0, 2 * np.pi)
    return Look(
        exposure=float(rng.uniform(0.6, 1.25)),
        warmth=float(rng.uniform(0.88, 1.14)),
        blur_px=float(rng.choice([0.0, rng.uniform(0.4, 1.8)], p=[0.2, 0.8])),
        noise=float(rng.uniform(0, 9)),
        light_uv=(float(np.cos(angle)), -abs(float(np.sin(angle))) - 0.2),
        shadow=float(rng.uniform(0.0, 0.6)),
        vignette=float(rng.uniform(0.0, 0.5)),
    )


def _draw_crowd(hall: Hall, camera: PinholeCamera, rng: np.random.Generator) -> list[tuple[Appearance, Pose]]:
    wanted = int(rng.choice([0, int(rng.integers(1, 6)), int(rng.integers(4, 18))], p=[0.06, 0.44, 0.5]))
    placed: list[tuple[float, float]] = []
    for _ in range(wanted * 12):
        if len(placed) == wanted:
            break
        xy = rng.uniform((0.3, 0.3), np.asarray(hall.size_m) - 0.3)
        if placed and rng.random() < 0.4:
            xy = np.asarray(placed[int(rng.integers(len(placed)))]) + rng.normal(0, 0.7, 2)
        if _is_free(xy, hall, camera, placed):
            placed.append((float(xy[0]), float(xy[1])))
    crowd = []
    for place in placed:
        walks = rng.random() < 0.6
        pose = Pose(
            xy_m=place,
            heading_rad=float(rng.uniform(0, 2 * np.pi)),
            step_rad=float(rng.uniform(0, 2 * np.pi)),
            swing_rad=float(rng.uniform(0.25, 0.5) if walks else rng.uniform(0.0, 0.1)),
            raised_arms=int(rng.choice([0, 1, 2, 3], p=[0.7, 0.11, 0.11, 0.08])),
        )
        crowd.append((draw_appearance(rng), pose))
    return crowd


def _is_free(
    xy: npt.NDArray[np.float64], hall: Hall, camera: PinholeCamera, placed: list[tuple[float, float]]
) -> bool:
    if not ((xy > 0.2) & (xy < np.asarray(hall.size_m) - 0.2)).all():
        return False
    if any(np.hypot(xy[0] - x, xy[1] - y) < 0.42 for x, y in placed):
        return False
    if any(block.contains(xy[None], margin_m=0.25)[0] for block in hall.blocks):
        return False
    waist = camera.project(np.array([[xy[0], xy[1], 0.9]]))[0]
    width, height = camera.size_wh
    in_view = -40 < waist[0] < width + 40 and -80 < waist[1] < height + 80
    return bool(waist[2] > 1.2 and in_view)


def _to_boxes(people: list[RenderedPerson], size_wh: tuple[int, int]) -> npt.NDArray[np.float32]:
    limits = np.array([*size_wh, *size_wh], float)
    rows = [
        [*np.clip(person.whole_xyxy, 0, limits), person.covered_share]
        for person in people
        if person.visible_xyxy is not None
    ]
    return np.array(rows, np.float32).reshape(-1, 5)
