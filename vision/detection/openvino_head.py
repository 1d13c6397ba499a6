"""Removal of box decoding from YOLO networks, so that only likely people are decoded.

The last layers of a YOLO network turn raw scores and distances of every cell into boxes: thousands of cells,
of which a few dozen show a person. A network is cut after its last convolutions, and `HeadDecoder` decodes
what may be a person. The cut is found by the structure of the graph, whatever its layers are called, and what
was cut off is run once beside the decoder on made-up values: the cut is used only where both give the same
boxes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vision.detection.box_decoding import Floats, HeadKind, decode_dense, decode_end_to_end, keep_people

_SAME_PX, _SAME_SCORE = 0.05, 1e-4
_CHECKED_SCORE = 0.1
_CHECK_PROPERTIES = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "CACHE_DIR": ""}
"""Compile options; processors with bfloat16 would otherwise round the boxes to pixels."""
_CHECKED_CELLS = 24
"""Synthetic people in a check: few enough that no end-to-end head leaves one out."""


@dataclass(frozen=True, slots=True)
class HeadDecoder:
    """Decoder of a cut network's raw outputs.

    Attributes:
        strides_px: cell width of each level, in pixels of the input.
        bins: bins of each distance's distribution (Li et al. 2020, Generalized Focal Loss,
            equation 4); 1: the distance itself.
        is_end_to_end: boxes do not overlap, and may be of a person even where another class scores higher.
    """

    strides_px: tuple[int, ...]
    bins: int
    person_class: int
    is_end_to_end: bool

    def decode(
        self, outputs: Sequence[Floats], *, minimum_score: float, iou_threshold: float
    ) -> tuple[Floats, Floats]:
        """Return boxes (n, 4) xyxy in pixels of the input and scores (n,), strongest first.

        Args:
            outputs: of each level first distances (height, width, 4 x bins), then logits of the classes
                (height, width, classes).
        """
        least = math.log(minimum_score / (1.0 - minimum_score))
        logits, distances, corners, widths_px = [], [], [], []
        for level, stride_px in enumerate(self.strides_px):
            raw_distances, raw_scores = outputs[2 * level], outputs[2 * level + 1]
            _, columns, classes = raw_scores.shape
            scores = raw_scores.reshape(-1, classes)
            cells = np.flatnonzero(scores[:, self.person_class] > least)
            if len(cells) and classes > 1 and not self.is_end_to_end:
                cells = cells[scores[cells].argmax(axis=1) == self.person_class]
            if not len(cells):
                continue
            logits.append(scores[cells, self.person_class])
            distances.append(raw_distances.reshape(len(scores), 4, self.bins)[cells])
            corners.append(np.stack([cells % columns, cells // columns], axis=1))
            widths_px.append(np.full((len(cells), 1), stride_px, np.float32))
        if not logits:
            return np.empty((0, 4), np.float32), np.empty(0, np.float32)
        score = np.asarray(1.0 / (1.0 + np.exp(-np.concatenate(logits))), np.float32)
        middle = np.concatenate(corners).astype(np.float32) + np.float32(0.5)
        sides = self._read_distances(np.concatenate(distances))
        xyxy = np.concatenate([middle - sides[:, :2], middle + sides[:, 2:]], axis=1)
        xyxy *= np.concatenate(widths_px)
        return keep_people(xyxy, score, iou_threshold=None if self.is_end_to_end else iou_threshold)

    def _read_distances(self, raw: Floats) -> Floats:
        """Return distances to the sides of the boxes in cells, shape (n, 4), from shape (n, 4, bins)."""
        if self.bins == 1:
            return raw[:, :, 0]
        weights = np.exp(raw - raw.max(axis=2, keepdims=True))
        steps = np.arange(self.bins, dtype=np.float32)
        return np.asarray(weights @ steps / weights.sum(axis=2), np.float32)


def cut_head(model: Any, *, head: HeadKind, person_class: int, core: Any) -> tuple[Any, HeadDecoder] | None:
    """Cut the decoding off a network.

    Args:
        model: an ``openvino.Model`` with a fixed input (1, 3, height, width); it is not modified.
        core: an ``openvino.Core``, to check the cut with.

    Returns:
        The network with the outputs that the decoder takes, channels before rows; None for an unknown
        structure, which has to be used whole.
    """
    import openvino as ov

    cut = model.clone()
    ends = _find_last_convolutions(cut)
    levels = _pair_levels(ends, cut.input(0).shape[2])
    if levels is None:
        return None
    is_end_to_end = head is HeadKind.END_TO_END
    strides_px = tuple(levels)
    for pairs in (list(levels.values()), [(scores, boxes) for boxes, scores in levels.values()]):
        channels = {(boxes.get_shape()[1], scores.get_shape()[1]) for boxes, scores in pairs}
        (sides, classes), *others = channels
        if others or sides % 4 or classes <= person_class:
            continue
        if not is_end_to_end and classes != cut.output(0).get_shape()[1] - 4:
            continue
        decoder = HeadDecoder(strides_px, sides // 4, person_class, is_end_to_end)
        outputs = [output for pair in pairs for output in pair]
        if _matches_network(cut, outputs, decoder, core):
            return ov.Model(outputs, cut.get_parameters(), "cut"), decoder
    return None


def _find_last_convolutions(model: Any) -> list[Any]:
    """Return outputs of the last convolutions (with their biases) over the picture."""
    height, width = tuple(model.input(0).shape)[2:]

    def is_end(node: Any) -> bool:
        return _is_convolution(node, height, width) or _is_biased_convolution(node, height, width)

    return [node.output(0) for node in _walk_back(model.get_results()[0], until=is_end) if is_end(node)]


def _walk_back(node: Any, *, until: Callable[[Any], bool] = lambda _node: False) -> list[Any]:
    """Return a node and its predecessors; stops at shape nodes and at ``until``."""
    waiting, found = [node], {node.get_name(): node}
    while waiting:
        node = waiting.pop()
        if until(node) or node.get_type_name() == "ShapeOf":
            continue
        for port in range(node.get_input_size()):
            before = node.input_value(port).get_node()
            if before.get_name() not in found:
                found[before.get_name()] = before
                waiting.append(before)
    return list(found.values())


def _is_convolution(node: Any, height: int, width: int) -> bool:
    """Return whether a node is a convolution with square picture cells."""
    if node.get_type_name() != "Convolution":
        return False
    shape = node.get_output_partial_shape(0)
    if shape.is_dynamic or len(shape) != 4:
        return False
    rows, columns = shape[2].get_length(), shape[3].get_length()
    return bool(height % rows == 0 and width % columns == 0 and height // rows == width // columns)


def _is_biased_convolution(node: Any, height: int, width: int) -> bool:
    if node.get_type_name() != "Add":
        return False
    inputs = [node.input_value(port).get_node() for port in range(2)]
    return any(_is_convolution(one, height, width) for one in inputs) and any(
        one.get_type_name() == "Constant" for one in inputs
    )


def _pair_levels(ends: Sequence[Any], input_height_px: int) -> dict[int, tuple[Any, Any]] | None:
    """Return the two outputs of each level by its stride in pixels; None if a level has not exactly two."""
    by_stride: dict[int, list[Any]] = {}
    for end in ends:
        by_stride.setdefault(input_height_px // end.get_shape()[2], []).append(end)
    if not by_stride or any(len(pair) != 2 for pair in by_stride.values()):
        return None
    # the one with more channels first, so that all levels have the same order
    pairs = {
        stride_px: sorted(pair, key=lambda end: -int(end.get_shape()[1]))
        for stride_px, pair in by_stride.items()
    }
    return {stride_px: (pairs[stride_px][0], pairs[stride_px][1]) for stride_px in sorted(pairs)}


def _matches_network(cut: Any, outputs: Sequence[Any], decoder: HeadDecoder, core: Any) -> bool:
    """Return whether decoder and network find the same people in synthetic outputs."""
    import openvino as ov
    from openvino import opset13 as ops

    tail = cut.clone()
    by_name = {node.get_friendly_name(): node for node in tail.get_ordered_ops()}
    parameters = []
    for output in outputs:
        end = by_name[output.get_node().get_friendly_name()].output(0)
        parameter = ops.parameter(end.get_shape(), ov.Type.f32)
        for target in end.get_target_inputs():
            target.replace_source_output(parameter.output(0))
        parameters.append(parameter)
    for node in _walk_back(tail.get_results()[0]):
        if node.get_type_name() == "ShapeOf" and node.get_input_partial_shape(0).is_static:
            # as a constant it has no predecessors before the cut
            size = np.array(node.get_input_shape(0), node.get_output_element_type(0).to_dtype())
            for target in node.output(0).get_target_inputs():
                target.replace_source_output(ops.constant(size).output(0))
    try:
        compiled = core.compile_model(
            ov.Model(tail.get_results(), parameters, "tail"), "CPU", _CHECK_PROPERTIES
        )
    except RuntimeError:
        # boxes that depend on more than these outputs
        return False
    made_up = _make_synthetic_outputs(outputs, decoder)
    expected = compiled(made_up)[0][0]
    if decoder.is_end_to_end:
        known = decode_end_to_end(expected, person_class=decoder.person_class, minimum_score=_CHECKED_SCORE)
    else:
        known = decode_dense(
            expected, person_class=decoder.person_class, minimum_score=_CHECKED_SCORE, iou_threshold=0.999
        )
    found = decoder.decode(
        [one[0].transpose(1, 2, 0) for one in made_up], minimum_score=_CHECKED_SCORE, iou_threshold=0.999
    )
    return len(found[1]) > 0 and all(
        one.shape == other.shape and np.allclose(one, other, rtol=1e-4, atol=limit)
        for one, other, limit in zip(found, known, (_SAME_PX, _SAME_SCORE), strict=True)
    )


def _make_synthetic_outputs(outputs: Sequence[Any], decoder: HeadDecoder) -> list[Floats]:
    """Return synthetic outputs with people and other classes in all levels, with distinct scores."""
    rng = np.random.default_rng(0)
    made_up = [np.zeros(tuple(output.get_shape()), np.float32) for output in outputs]
    for distances, scores in zip(made_up[::2], made_up[1::2], strict=True):
        by_cell, by_class = (
            distances[0].reshape(distances.shape[1], -1),
            scores[0].reshape(scores.shape[1], -1),
        )
        by_class -= 12.0
        cells = rng.choice(by_class.shape[1], min(_CHECKED_CELLS, by_class.shape[1] // 2), replace=False)
        by_cell[:, cells] = rng.uniform(0.5, 4.0, (len(by_cell), len(cells)))
        classes = rng.integers(0, len(by_class), len(cells))
        classes[::2] = decoder.person_class
        by_class[classes, cells] += rng.uniform(9.0, 16.0, len(cells))
    return made_up
