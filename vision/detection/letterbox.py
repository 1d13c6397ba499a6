"""Fits pictures of any size into what a network sees, and brings its boxes back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision.pixel_types import Picture

PAD_GREY = 114
"""The grey that YOLO networks were trained to see around a picture."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture lies in the network's input: scaled evenly, centred, grey around it.

    Attributes:
        source_wh, target_wh: sizes of the picture and of the network's input, in pixels.
        scaled_wh: size of the picture in the input.
        left, top: grey pixels before the picture.
    """

    source_wh: tuple[int, int]
    target_wh: tuple[int, int]
    scaled_wh: tuple[int, int]
    left: int
    top: int


def fit_letterbox(source_wh: tuple[int, int], target_wh: tuple[int, int]) -> Letterbox:
    """Place a picture as Ultralytics' ``LetterBox`` does (``data/augment.py``), to the pixel.

    The same rounding matters: a network that was quantised or compared on one placement finds slightly
    different boxes on another.
    """
    gain = min(target_wh[1] / source_wh[1], target_wh[0] / source_wh[0])
    scaled_wh = max(round(source_wh[0] * gain), 1), max(round(source_wh[1] * gain), 1)
    left = round((target_wh[0] - scaled_wh[0]) / 2 - 0.1)
    top = round((target_wh[1] - scaled_wh[1]) / 2 - 0.1)
    return Letterbox(source_wh, target_wh, scaled_wh, left, top)


def min_input_wh(source_wh: tuple[int, int], largest_wh: tuple[int, int], stride: int) -> tuple[int, int]:
    """Smallest input, in multiples of the stride, that holds the picture scaled to fit ``largest_wh``.

    For networks of flexible size: a 16:9 picture needs 640x384 rather than 640x640.
    """
    scaled = fit_letterbox(source_wh, largest_wh).scaled_wh
    pads = (largest_wh[0] - scaled[0]) % stride, (largest_wh[1] - scaled[1]) % stride
    return scaled[0] + pads[0], scaled[1] + pads[1]


def draw_letterbox(picture: Picture, canvas: Picture, letterbox: Letterbox) -> None:
    """Scale a picture into a canvas (height, width, 3) that is grey already where it stays grey."""
    width, height = letterbox.scaled_wh
    part = canvas[letterbox.top : letterbox.top + height, letterbox.left : letterbox.left + width]
    if letterbox.source_wh == letterbox.scaled_wh:
        part[...] = picture
    else:
        cv2.resize(picture, (width, height), dst=part, interpolation=cv2.INTER_LINEAR)


def letterbox_picture(picture: Picture, target_wh: tuple[int, int]) -> Picture:
    """A new canvas of ``target_wh`` with the picture in it."""
    canvas = np.full((target_wh[1], target_wh[0], 3), PAD_GREY, np.uint8)
    draw_letterbox(picture, canvas, fit_letterbox((picture.shape[1], picture.shape[0]), target_wh))
    return canvas


def boxes_in_picture(xyxy: npt.NDArray[np.float32], letterbox: Letterbox) -> npt.NDArray[np.float32]:
    """Bring boxes (n, 4) from pixels of the input to pixels of the picture, cut at its borders."""
    width, height = letterbox.source_wh
    gain = np.array([letterbox.scaled_wh[0] / width, letterbox.scaled_wh[1] / height] * 2, dtype=np.float32)
    pad = np.array([letterbox.left, letterbox.top] * 2, dtype=np.float32)
    boxes: npt.NDArray[np.float32] = np.divide(np.subtract(xyxy, pad), gain, dtype=np.float32)
    np.clip(boxes, 0, np.array([width, height] * 2, dtype=np.float32), out=boxes)
    return boxes


def cut_letterbox(
    boxes: npt.NDArray[np.float32], canvas: Picture, letterbox: Letterbox
) -> tuple[Picture, npt.NDArray[np.float32]]:
    """The picture as it was drawn into a canvas, not copied, and boxes (n, 4) of the whole picture in it."""
    width, height = letterbox.scaled_wh
    part = canvas[letterbox.top : letterbox.top + height, letterbox.left : letterbox.left + width]
    gain = np.array([width, height] * 2, np.float32) / np.array(letterbox.source_wh * 2, np.float32)
    return part, np.multiply(boxes, gain, dtype=np.float32)
