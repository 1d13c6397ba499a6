"""Letterboxing: fits pictures of any size to a network's input, and maps its boxes back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision.pixel_types import Picture

PAD_GREY = 114
"""Padding grey that YOLO networks were trained with."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Placement of a picture in the network's input: scaled evenly, centred, with a grey border.

    Attributes:
        source_wh, target_wh: sizes of the picture and of the network's input, in pixels.
        scaled_wh: size of the picture in the input.
        left, top: width of the grey border left of and above the picture.
    """

    source_wh: tuple[int, int]
    target_wh: tuple[int, int]
    scaled_wh: tuple[int, int]
    left: int
    top: int


def fit_letterbox(source_wh: tuple[int, int], target_wh: tuple[int, int]) -> Letterbox:
    """Return the placement of a picture exactly as Ultralytics' ``LetterBox`` (``data/augment.py``).

    The exact rounding matters: a network that was quantised or compared with one placement finds slightly
    different boxes with another.
    """
    gain = min(target_wh[1] / source_wh[1], target_wh[0] / source_wh[0])
    scaled_wh = max(round(source_wh[0] * gain), 1), max(round(source_wh[1] * gain), 1)
    left = round((target_wh[0] - scaled_wh[0]) / 2 - 0.1)
    top = round((target_wh[1] - scaled_wh[1]) / 2 - 0.1)
    return Letterbox(source_wh, target_wh, scaled_wh, left, top)


def min_input_wh(source_wh: tuple[int, int], largest_wh: tuple[int, int], stride: int) -> tuple[int, int]:
    """Return the smallest input, in multiples of the stride, for the picture scaled to ``largest_wh``.

    For networks of flexible size: a 16:9 picture needs 640x384 rather than 640x640.
    """
    scaled = fit_letterbox(source_wh, largest_wh).scaled_wh
    pads = (largest_wh[0] - scaled[0]) % stride, (largest_wh[1] - scaled[1]) % stride
    return scaled[0] + pads[0], scaled[1] + pads[1]


def draw_letterbox(picture: Picture, canvas: Picture, letterbox: Letterbox) -> None:
    """Scale a picture into a canvas (height, width, 3) whose border is already grey."""
    width, height = letterbox.scaled_wh
    part = canvas[letterbox.top : letterbox.top + height, letterbox.left : letterbox.left + width]
    if letterbox.source_wh == letterbox.scaled_wh:
        part[...] = picture
    else:
        cv2.resize(picture, (width, height), dst=part, interpolation=cv2.INTER_LINEAR)


def letterbox_picture(picture: Picture, target_wh: tuple[int, int]) -> Picture:
    """Return a new canvas of ``target_wh`` with the picture in it."""
    canvas = np.full((target_wh[1], target_wh[0], 3), PAD_GREY, np.uint8)
    draw_letterbox(picture, canvas, fit_letterbox((picture.shape[1], picture.shape[0]), target_wh))
    return canvas


def boxes_in_picture(xyxy: npt.NDArray[np.float32], letterbox: Letterbox) -> npt.NDArray[np.float32]:
    """Convert boxes (n, 4) from pixels of the input to pixels of the picture, clipped to it."""
    width, height = letterbox.source_wh
    gain = np.array([letterbox.scaled_wh[0] / width, letterbox.scaled_wh[1] / height] * 2, dtype=np.float32)
    pad = np.array([letterbox.left, letterbox.top] * 2, dtype=np.float32)
    boxes: npt.NDArray[np.float32] = np.divide(np.subtract(xyxy, pad), gain, dtype=np.float32)
    np.clip(boxes, 0, np.array([width, height] * 2, dtype=np.float32), out=boxes)
    return boxes


def cut_letterbox(
    boxes: npt.NDArray[np.float32], canvas: Picture, letterbox: Letterbox
) -> tuple[Picture, npt.NDArray[np.float32]]:
    """Return a view of the picture in a canvas, and boxes (n, 4) of the original picture in it."""
    width, height = letterbox.scaled_wh
    part = canvas[letterbox.top : letterbox.top + height, letterbox.left : letterbox.left + width]
    gain = np.array([width, height] * 2, np.float32) / np.array(letterbox.source_wh * 2, np.float32)
    return part, np.multiply(boxes, gain, dtype=np.float32)
