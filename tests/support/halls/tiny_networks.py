"""OpenVINO models of few operations that detect colours: red cells are people, blue ones another class.

They stand in for real networks wherever the path of pictures and boxes is tested, not what is seen.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

from vision.detection.telemetry_opt_out import refuse_openvino_telemetry
from vision.pixel_types import Picture

CELL_PX = 32


def write_colour_detector(
    folder: Path,
    *,
    input_wh: tuple[int, int] | None = (128, 96),
    is_end_to_end: bool = False,
    names: dict[int, str] | None = None,
    task: str = "detect",
    largest_wh: tuple[int, int] | None = None,
    outputs: int = 1,
) -> Path:
    """Write a model folder; ``input_wh`` None for a network of flexible size up to ``largest_wh``."""
    refuse_openvino_telemetry()
    import openvino as ov
    from openvino import opset13 as ops

    shape = [1, 3, input_wh[1], input_wh[0]] if input_wh else [1, 3, -1, -1]
    picture = ops.parameter(shape, ov.Type.f32, name="images")
    cells = ops.avg_pool(
        picture, [CELL_PX, CELL_PX], [0, 0], [0, 0], [CELL_PX, CELL_PX], False, "floor", "explicit"
    )
    red, _green, blue = ops.split(cells, 1, 3).outputs()
    ones = ops.add(ops.multiply(red, np.float32(0)), np.float32(1))
    side = ops.multiply(ones, np.float32(CELL_PX))
    x = ops.subtract(ops.cum_sum(side, np.int64(3)), np.float32(CELL_PX / 2))
    y = ops.subtract(ops.cum_sum(side, np.int64(2)), np.float32(CELL_PX / 2))
    if is_end_to_end:
        half = np.float32(CELL_PX / 2)
        corners = [ops.subtract(x, half), ops.subtract(y, half), ops.add(x, half), ops.add(y, half)]
        score = ops.maximum(red, blue)
        label = ops.convert(ops.greater(blue, red), ov.Type.f32)
        stacked = ops.concat([*corners, score, label], 1)
    else:
        stacked = ops.concat([x, y, side, side, red, blue], 1)
    result = ops.reshape(stacked, np.array([1, 6, -1], np.int64), False)
    if is_end_to_end:
        result = ops.transpose(result, np.array([0, 2, 1], np.int64))
    folder.mkdir(parents=True)
    ov.save_model(ov.Model([result] * outputs, [picture], "colours"), folder / "colours.xml", False)
    largest = largest_wh or input_wh or (128, 128)
    metadata = {
        "task": task,
        "stride": CELL_PX,
        "imgsz": [largest[1], largest[0]],
        "names": names or {0: "person", 1: "chair"},
    }
    (folder / "metadata.yaml").write_text(yaml.safe_dump(metadata), encoding="utf-8")
    return folder


def paint_cells(
    size_wh: tuple[int, int], *, red: dict[tuple[int, int], float], blue: dict[tuple[int, int], float]
) -> Picture:
    """A black BGR picture with cells (column, row) of one colour, from 0 to 1."""
    picture = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    for channel, cells in ((2, red), (0, blue)):
        for (column, row), strength in cells.items():
            part = picture[row * CELL_PX : (row + 1) * CELL_PX, column * CELL_PX : (column + 1) * CELL_PX]
            part[..., channel] = round(strength * 255)
    return picture
