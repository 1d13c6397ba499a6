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


def write_yolo_network(
    folder: Path, *, bins: int = 16, classes: int = 3, is_end_to_end: bool = False, scale: float = 1.0
) -> Path:
    """Write a network of random weights, 64 high and 96 wide, with a head of the YOLO family.

    Args:
        bins: 16 as of YOLOv8 and 11, 1 as of YOLO26.
        scale: by which its boxes are larger than such a head makes them.
    """
    refuse_openvino_telemetry()
    import openvino as ov
    from openvino import opset13 as ops

    rng = np.random.default_rng(3)

    def convolve(source: ov.Node, channels: int, stride: int, *, bias: float = 0.0) -> ov.Node:
        before = source.get_output_shape(0)[1]
        weights = rng.normal(0, 1 / before**0.5, (channels, before, stride, stride)).astype(np.float32)
        weights -= weights.mean(axis=(1, 2, 3), keepdims=True)
        out = ops.convolution(source, ops.constant(weights), [stride] * 2, [0, 0], [0, 0], [1, 1])
        return ops.add(out, ops.constant(np.full((1, channels, 1, 1), bias, np.float32)))

    picture = ops.parameter([1, 3, 64, 96], ov.Type.f32, name="images")
    features = [ops.swish(convolve(picture, 16, 8))]
    for _ in range(2):
        features.append(ops.swish(convolve(features[-1], 16, 2)))
    flat = np.array([0, 0, -1], np.int64)
    distances = [ops.reshape(convolve(one, 4 * bins, 1, bias=2.0), flat, True) for one in features]
    logits = [ops.reshape(convolve(one, classes, 1, bias=-2.5), flat, True) for one in features]
    sides, scores = ops.concat(distances, 2), ops.sigmoid(ops.concat(logits, 2))
    cells = [(8, 8, 12), (16, 4, 6), (32, 2, 3)]
    count = sum(rows * columns for _, rows, columns in cells)
    if bins > 1:
        shares = ops.softmax(ops.reshape(sides, np.array([1, 4, bins, count], np.int64), False), 2)
        steps = ops.constant(np.arange(bins, dtype=np.float32).reshape(1, 1, bins, 1))
        sides = ops.reduce_sum(ops.multiply(shares, steps), np.int64(2), False)
    middles = [np.indices((rows, columns))[::-1].reshape(1, 2, -1) + 0.5 for _, rows, columns in cells]
    middle = ops.constant(np.concatenate(middles, axis=2).astype(np.float32))
    strides = [np.full((1, 1, rows * columns), stride * scale) for stride, rows, columns in cells]
    left_top, right_bottom = ops.split(sides, 1, 2).outputs()
    begin, end = ops.subtract(middle, left_top), ops.add(middle, right_bottom)
    if not is_end_to_end:
        begin, end = ops.divide(ops.add(begin, end), np.float32(2)), ops.subtract(end, begin)
    boxes = ops.multiply(
        ops.concat([begin, end], 1), ops.constant(np.concatenate(strides, axis=2).astype(np.float32))
    )
    result = ops.concat([boxes, scores], 1)
    if is_end_to_end:
        every = ops.reshape(scores, np.array([1, -1], np.int64), False)
        best = ops.topk(every, np.int32(300), 1, "max", "value")
        cell = ops.mod(best.output(1), np.int32(count))
        found = ops.gather(ops.squeeze(boxes, np.int64(0)), ops.squeeze(cell, np.int64(0)), np.int64(1))
        label = ops.convert(ops.divide(best.output(1), np.int32(count)), ov.Type.f32)
        stacked = ops.concat([found, best.output(0), label], 0)
        result = ops.unsqueeze(ops.transpose(stacked, np.array([1, 0], np.int64)), np.int64(0))
    folder.mkdir(parents=True)
    ov.save_model(ov.Model([result], [picture], "yolo"), folder / "yolo.xml", False)
    names = {0: "person"} | {index: f"thing {index}" for index in range(1, classes)}
    metadata = {"stride": 32, "imgsz": [64, 96], "names": names}
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
