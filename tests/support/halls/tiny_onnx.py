"""An ONNX file of three operations, written without the package: it finds the same boxes in every picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FLOAT, _INT = 1, 2


def write_onnx_detector(
    file: Path,
    boxes: NDArray[np.float32],
    *,
    input_wh: tuple[int, int] = (128, 96),
    metadata: dict[str, str] | None = None,
) -> Path:
    """Write a detector that always answers ``boxes``: (1, n, 6), corners, score and class."""
    width, height = input_wh
    no_axes = _field(1, "keepdims") + _field(20, _INT) + _field(3, 0)
    graph = b"".join(
        _field(1, node)
        for node in (
            _node("ReduceMean", ["images"], "mean") + _field(5, no_axes),
            _node("Mul", ["mean", "zero"], "nothing"),
            _node("Add", ["boxes", "nothing"], "output0"),
        )
    )
    graph += (
        _field(2, "boxes") + _field(5, _tensor("zero", np.zeros(()))) + _field(5, _tensor("boxes", boxes))
    )
    graph += _field(11, _port("images", (1, 3, height, width))) + _field(12, _port("output0", boxes.shape))
    model = _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13))
    for key, text in (metadata or {}).items():
        model += _field(14, _field(1, key) + _field(2, text))
    file.write_bytes(model)
    return file


def _tensor(name: str, values: NDArray[np.floating]) -> bytes:
    sides = b"".join(_field(1, side) for side in values.shape)
    return sides + _field(2, _FLOAT) + _field(8, name) + _field(9, values.astype("<f4").tobytes())


def _port(name: str, shape: tuple[int, ...]) -> bytes:
    sides = b"".join(_field(1, _field(1, side)) for side in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, _FLOAT) + _field(2, sides)))


def _node(operation: str, inputs: list[str], output: str) -> bytes:
    return b"".join(_field(1, one) for one in inputs) + _field(2, output) + _field(4, operation)


def _field(number: int, value: int | str | bytes) -> bytes:
    """Return a field of a protobuf message."""
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    content = value.encode() if isinstance(value, str) else value
    return _number(number << 3 | 2) + _number(len(content)) + content


def _number(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
