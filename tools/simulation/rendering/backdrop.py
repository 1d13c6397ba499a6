"""Static part of a rendered picture: the hall, rendered once per camera, with its depths."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from tools.simulation.pinhole_camera import PinholeCamera
from vision.pixel_types import Picture

FloatPicture = npt.NDArray[np.float32]
Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A flat rectangle with a texture.

    Attributes:
        origin_m: the corner of the texture's upper left pixel.
        along_m, down_m: from there along the texture's upper and left side; at right angles.
        texture: BGR.
        light: brightness factor.
        hides_people: whether people can stand behind it (a stand does, the hall's floor and walls do not).
    """

    origin_m: Vector
    along_m: Vector
    down_m: Vector
    texture: Picture
    light: float = 1.0
    hides_people: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """The hall without people, as one camera sees it.

    Attributes:
        picture: BGR.
        obstacle_distance_m: horizontal distance from the camera of the obstacle at each pixel, infinite
            where there is none.
    """

    picture: Picture
    obstacle_distance_m: FloatPicture


def cast_backdrop(*, faces: tuple[Face, ...], camera: PinholeCamera, oversampling: int = 1) -> Backdrop:
    """Render every face with a depth buffer.

    ``oversampling`` casts that many rays a pixel in both directions and averages them.
    """
    fine = camera.scaled(oversampling)
    width, height = fine.size_wh
    colour = np.full((height, width, 3), 96.0, np.float32)
    depth = np.full((height, width), np.inf, np.float32)
    distance = np.full((height, width), np.inf, np.float32)
    for face in faces:
        _cast_face(face, fine, colour, depth, distance)
    if oversampling > 1:
        size = camera.size_wh
        colour = np.asarray(cv2.resize(colour, size, interpolation=cv2.INTER_AREA), np.float32)
        distance = np.asarray(cv2.resize(distance, size, interpolation=cv2.INTER_NEAREST), np.float32)
    return Backdrop(np.clip(colour, 0, 255).astype(np.uint8), distance)


def _cast_face(
    face: Face, camera: PinholeCamera, colour: FloatPicture, depth: FloatPicture, distance: FloatPicture
) -> None:
    origin, along, down = (np.asarray(v, np.float64) for v in (face.origin_m, face.along_m, face.down_m))
    bounds = _bounds_of(origin, along, down, camera)
    if bounds is None:
        return
    left, top, right, bottom = bounds
    rays = camera.cast_rays(left, top, right, bottom)
    normal = np.cross(along, down)
    from_camera = origin - np.asarray(camera.position_m)
    facing = rays @ normal.astype(np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.float32(from_camera @ normal) / facing
        a = (rays @ along.astype(np.float32) * t - np.float32(from_camera @ along)) / np.float32(
            along @ along
        )
        b = (rays @ down.astype(np.float32) * t - np.float32(from_camera @ down)) / np.float32(down @ down)
        hit = (t > 0.05) & (a >= 0) & (a <= 1) & (b >= 0) & (b <= 1) & (t < depth[top:bottom, left:right])
    if not hit.any():
        return
    rows, columns = np.nonzero(hit)
    texture_height, texture_width = face.texture.shape[:2]
    texels = (
        cv2.remap(
            face.texture,
            (a[rows, columns] * texture_width - 0.5)[:, None],
            (b[rows, columns] * texture_height - 0.5)[:, None],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        if len(rows) < 32000
        else _sample_texture(face.texture, a[rows, columns], b[rows, columns])
    )
    colour[rows + top, columns + left] = texels.reshape(-1, 3) * np.float32(face.light)
    depth[rows + top, columns + left] = t[rows, columns]
    reach = t[rows, columns] * np.hypot(rays[rows, columns, 0], rays[rows, columns, 1])
    distance[rows + top, columns + left] = reach if face.hides_people else np.inf


def _sample_texture(texture: Picture, a: FloatPicture, b: FloatPicture) -> Picture:
    """Return the nearest texels; OpenCV's remap takes at most 32,767 rows."""
    height, width = texture.shape[:2]
    rows = np.minimum((b * height).astype(np.int32), height - 1)
    columns = np.minimum((a * width).astype(np.int32), width - 1)
    sampled: Picture = texture[rows, columns]
    return sampled


def _bounds_of(
    origin: npt.NDArray[np.float64],
    along: npt.NDArray[np.float64],
    down: npt.NDArray[np.float64],
    camera: PinholeCamera,
) -> tuple[int, int, int, int] | None:
    width, height = camera.size_wh
    corners = camera.project(np.array([origin, origin + along, origin + down, origin + along + down]))
    if (corners[:, 2] <= 0.05).all():
        return None
    if (corners[:, 2] <= 0.05).any():
        return 0, 0, width, height
    left, top = np.floor(corners[:, :2].min(axis=0)).astype(int)
    right, bottom = np.ceil(corners[:, :2].max(axis=0)).astype(int) + 1
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    return (int(left), int(top), int(right), int(bottom)) if left < right and top < bottom else None
