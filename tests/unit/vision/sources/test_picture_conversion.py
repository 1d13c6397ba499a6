"""Pictures have the colours that their stream means, upright and of any size."""

from __future__ import annotations

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from vision.sources.picture_conversion import convert_to_bgr

WEIGHTS = {Colorspace.ITU601: (0.299, 0.114), Colorspace.ITU709: (0.2126, 0.0722)}
"""Of red and blue in the brightness (ITU-R BT.601 and BT.709)."""


def make_frame(yuv: tuple[int, int, int], size_wh: tuple[int, int]) -> av.VideoFrame:
    frame = av.VideoFrame(*size_wh, "yuv420p")
    for plane, value in zip(frame.planes, yuv, strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("is_full", [False, True])
def test_matrix_and_range_are_those_of_the_stream(matrix: Colorspace, is_full: bool) -> None:
    bgr = np.array([60.0, 120.0, 190.0])
    red, blue = WEIGHTS[matrix]
    luma = red * bgr[2] + blue * bgr[0] + (1 - red - blue) * bgr[1]
    chroma = [(bgr[0] - luma) / (2 - 2 * blue), (bgr[2] - luma) / (2 - 2 * red)]
    yuv = [luma, *(128 + c for c in chroma)]
    if not is_full:
        yuv = [16 + luma * 219 / 255, *(128 + c * 224 / 255 for c in chroma)]
    u, v, w = (round(value) for value in yuv)
    frame = make_frame((u, v, w), (64, 48))
    frame.colorspace, frame.color_range = matrix, ColorRange.JPEG if is_full else ColorRange.MPEG
    assert np.abs(convert_to_bgr(frame) - bgr).max() <= 3


@pytest.mark.parametrize("size_wh", [(33, 17), (64, 48), (641, 359)])
def test_odd_sizes_and_turned_pictures(size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    frame = make_frame((128, 128, 128), size_wh)
    frame.planes[0].update(
        bytes([200]) * frame.planes[0].line_size
        + bytes(frame.planes[0].buffer_size)[frame.planes[0].line_size :]
    )
    picture = convert_to_bgr(frame)
    assert picture.shape == (height, width, 3)
    assert picture[0].min() > 150 > 50 > picture[4:].max()
    turned = convert_to_bgr(frame, rotation_degrees=90)
    assert turned.shape == (width, height, 3)
    assert turned.flags.c_contiguous
    assert turned[:, 0].min() > 150 > 50 > turned[:, 4:].max()
