"""Read a detection network by OpenVINO, compile it for camera pictures, and decode its raw output."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.domain.errors import ModelError
from vision.detection.model_metadata import (
    DEFAULT_IOU_THRESHOLD,
    METADATA_NAME,
    ModelMetadata,
    read_metadata,
    require_model_file,
)
from vision.detection.telemetry_opt_out import refuse_openvino_telemetry

Floats = npt.NDArray[np.float32]

MAX_PEOPLE = 300
"""Limit per picture; more boxes are noise. Ultralytics has the same limit."""

_MAX_CANDIDATES = 3000
"""Limit for suppression, whose cost is quadratic; the strongest candidates include every person."""


class HeadKind(StrEnum):
    """Output format of a network's last layer.

    ``DENSE``: (1, 4 + classes, anchors), centre, size and one score per class, overlapping;
    ``END_TO_END``: (1, boxes, 6), corners, score and class, one box per object (YOLO26).
    """

    DENSE = "dense"
    END_TO_END = "end_to_end"


def recognise_head(shape: tuple[int, ...], class_count: int | None) -> HeadKind | None:
    """Return the kind of head by the shape of its output; None if it is not a detector's."""
    if len(shape) != 3:
        return None
    if shape[2] == 6:
        return HeadKind.END_TO_END
    if class_count is None:
        return HeadKind.DENSE if 5 <= shape[1] < shape[2] else None
    return HeadKind.DENSE if shape[1] == 4 + class_count else None


def decode_dense(
    output: Floats, *, person_class: int, minimum_score: float, iou_threshold: float
) -> tuple[Floats, Floats]:
    """Return boxes (n, 4) xyxy and scores (n,), strongest first, of one picture's (4 + classes, anchors).

    A box counts as a person only if no other class scores higher there, as in Ultralytics' own decoding.
    """
    candidates = np.flatnonzero(output[4 + person_class] > minimum_score)
    if len(candidates) == 0:
        return _no_boxes()
    if output.shape[0] > 5:
        rivals = output[4:, candidates]
        candidates = candidates[rivals.argmax(axis=0) == person_class]
    score = output[4 + person_class, candidates]
    x, y, width, height = output[:4, candidates]
    xyxy = np.stack((x - width / 2, y - height / 2, x + width / 2, y + height / 2), axis=1)
    return keep_people(xyxy, score, iou_threshold=iou_threshold)


def decode_end_to_end(output: Floats, *, person_class: int, minimum_score: float) -> tuple[Floats, Floats]:
    """Return boxes (n, 4) xyxy and scores (n,), strongest first, of one picture's (boxes, 6)."""
    mask = (output[:, 4] > minimum_score) & (output[:, 5].round() == person_class)
    found = output[mask]
    return keep_people(found[:, :4], found[:, 4], iou_threshold=None)


def keep_people(xyxy: Floats, score: Floats, *, iou_threshold: float | None) -> tuple[Floats, Floats]:
    """Return the boxes (n, 4) and scores (n,) of class person, strongest first.

    Args:
        iou_threshold: see `suppress_overlaps`; None for boxes that do not overlap.
    """
    order = np.argsort(-score, kind="stable")[:_MAX_CANDIDATES]
    xyxy, score = xyxy[order], score[order]
    if iou_threshold is not None:
        kept = suppress_overlaps(xyxy, iou_threshold=iou_threshold)
        xyxy, score = xyxy[kept], score[kept]
    return xyxy[:MAX_PEOPLE], score[:MAX_PEOPLE]


def suppress_overlaps(xyxy: Floats, *, iou_threshold: float) -> npt.NDArray[np.intp]:
    """Return indices of the boxes that no stronger remaining box overlaps by more than the threshold.

    Args:
        xyxy: shape (n, 4), strongest first.
    """
    if len(xyxy) < 2:
        return np.arange(len(xyxy))
    left, top, right, bottom = xyxy.T
    area = (right - left) * (bottom - top)
    waiting = np.arange(len(xyxy))
    kept: list[int] = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(int(best))
        width = np.minimum(right[best], right[waiting]) - np.maximum(left[best], left[waiting])
        height = np.minimum(bottom[best], bottom[waiting]) - np.maximum(top[best], top[waiting])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        # compared without a division: boxes without an area must not give NaN
        waiting = waiting[shared <= iou_threshold * (area[best] + area[waiting] - shared)]
    return np.array(kept, np.intp)


def _no_boxes() -> tuple[Floats, Floats]:
    return np.empty((0, 4), np.float32), np.empty(0, np.float32)


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


@dataclass(frozen=True, slots=True, eq=False)
class CompiledNetwork:
    """A network compiled for one size of input.

    Attributes:
        model: an ``openvino.CompiledModel`` that takes (1, height, width, 3) uint8 BGR.
        decoder: decoder of a cut network's outputs; None: they are boxes.
    """

    model: Any
    decoder: HeadDecoder | None
    head: HeadKind
    person_class: int

    def decode(self, request: Any, *, minimum_score: float, iou_threshold: float) -> tuple[Floats, Floats]:
        """Return the boxes (n, 4) xyxy in pixels of the input and scores (n,) of a finished request."""
        outputs = [np.asarray(tensor.data[0], np.float32) for tensor in request.output_tensors]
        if self.decoder is not None:
            return self.decoder.decode(outputs, minimum_score=minimum_score, iou_threshold=iou_threshold)
        if self.head is HeadKind.END_TO_END:
            return decode_end_to_end(outputs[0], person_class=self.person_class, minimum_score=minimum_score)
        return decode_dense(
            outputs[0],
            person_class=self.person_class,
            minimum_score=minimum_score,
            iou_threshold=iou_threshold,
        )


@dataclass(frozen=True, slots=True, eq=False)
class OpenVinoNetwork:
    """A network in memory, not yet compiled.

    Attributes:
        model: an ``openvino.Model``.
        largest_wh: fixed input size, or for a flexible network the largest to use.
        iou_threshold: the model's default.
        is_flexible: the network takes any size in multiples of ``stride``.
    """

    name: str
    core: Any
    model: Any
    head: HeadKind
    person_class: int
    largest_wh: tuple[int, int]
    stride: int
    is_flexible: bool
    device: str
    iou_threshold: float

    def compile(self, input_wh: tuple[int, int], *, keeps_head: bool = False) -> CompiledNetwork:
        """Compile the network for pictures of one size.

        Colour order, scaling to 0 to 1 and the order of axes happen inside the network, where they cost no
        copy in Python; boxes are decoded outside wherever that is possible, see `cut_head`.

        Args:
            keeps_head: decode all boxes in the network.

        Raises:
            ModelError: the device cannot run it.
        """
        import openvino as ov
        from openvino import preprocess

        width, height = input_wh
        try:
            model, decoder = self.model.clone(), None
            if model.input(0).partial_shape.is_dynamic or model.input(0).shape[0] != 1:
                model.reshape([1, 3, height, width])
            if not keeps_head:
                cut = cut_head(model, head=self.head, person_class=self.person_class, core=self.core)
                model, decoder = cut or (model, None)
            steps = preprocess.PrePostProcessor(model)
            steps.input(0).tensor().set_element_type(ov.Type.u8).set_layout(
                ov.Layout("NHWC")
            ).set_color_format(preprocess.ColorFormat.BGR)
            steps.input(0).model().set_layout(ov.Layout("NCHW"))
            steps.input(0).preprocess().convert_element_type(ov.Type.f32).convert_color(
                preprocess.ColorFormat.RGB
            ).scale(255.0)
            if decoder is not None:
                # the layout most devices use: avoids a copy
                for port in range(len(model.outputs)):
                    steps.output(port).model().set_layout(ov.Layout("NCHW"))
                    steps.output(port).tensor().set_layout(ov.Layout("NHWC"))
            compiled = self.core.compile_model(steps.build(), self.device, {"PERFORMANCE_HINT": "THROUGHPUT"})
        except RuntimeError as error:
            raise ModelError(
                "The model {model} cannot run on {device} with an input {width} wide and {height} high.",
                "Choose the device CPU, or export the model again for this size.",
                model=self.name,
                device=self.device,
                width=width,
                height=height,
            ) from error
        return CompiledNetwork(compiled, decoder, self.head, self.person_class)


def read_network(
    model_path: Path, *, device: str, person_class: int, cache_folder: Path | None
) -> OpenVinoNetwork:
    """Read and check a model folder or its ``.xml``.

    Args:
        device: ``auto`` or a name of OpenVINO; ``auto`` is the CPU, which every machine has.
        person_class: used where the folder has no metadata.
        cache_folder: folder for compiled networks, for a faster start; None for no cache.

    Raises:
        ModelError: absent, damaged, of another kind, or the device does not exist.
    """
    xml = _find_xml(model_path)
    metadata = read_metadata(xml.parent)
    refuse_openvino_telemetry()
    import openvino as ov

    core = ov.Core()
    chosen = _choose_device(device, core.available_devices)
    if cache_folder is not None:
        core.set_property({"CACHE_DIR": str(cache_folder)})
    try:
        model = core.read_model(xml)
    except RuntimeError as error:
        raise _damaged(xml) from error
    return _describe(core=core, model=model, xml=xml, metadata=metadata, device=chosen, fallback=person_class)


_METADATA = ("task", "stride", "imgsz", "names")
"""Entries of Ultralytics' metadata that detection needs."""


def convert_onnx(path: Path, *, into_folder: Path) -> Path:
    """Write an ONNX file's network, weights as they are, and its metadata into a new folder; return it.

    Raises:
        ModelError: OpenVINO cannot read the file.
    """
    refuse_openvino_telemetry()
    import openvino as ov

    try:
        model = ov.Core().read_model(path)
    except RuntimeError as error:
        raise _damaged(path) from error
    into_folder.mkdir()
    # ONNX keeps each entry as the text of a Python literal, or as plain text
    entries = {
        name: str(model.get_rt_info(["framework", name]).astype(str))
        for name in _METADATA
        if model.has_rt_info(["framework", name])
    }
    if entries:
        text = "".join(f"{name}: {value}\n" for name, value in entries.items())
        (into_folder / METADATA_NAME).write_text(text, encoding="utf-8", newline="\n")
    ov.save_model(model, into_folder / f"{path.stem}.xml", compress_to_fp16=False)
    return into_folder


def _find_xml(model_path: Path) -> Path:
    require_model_file(model_path)
    if model_path.is_dir():
        found = sorted(model_path.glob("*.xml"))
        if len(found) != 1:
            raise ModelError(
                "The folder {path} contains {count} files ending in .xml; an OpenVINO model folder has one.",
                "Choose the folder created by the model export.",
                path=str(model_path),
                count=len(found),
            )
        xml = found[0]
    elif model_path.suffix.lower() == ".xml":
        xml = model_path
    else:
        raise ModelError(
            "{path} is not an OpenVINO model.",
            "Choose a model folder or its .xml file; convert weights ending in .pt with: python "
            "-m app models export",
            path=str(model_path),
        )
    weights = xml.with_suffix(".bin")
    if not weights.is_file() or weights.stat().st_size == 0:
        raise ModelError(
            "The model {model} lacks its weights {weights}.",
            "Copy the whole model folder again.",
            model=xml.parent.name,
            weights=weights.name,
        )
    return xml


def _choose_device(requested: str, available: list[str]) -> str:
    if requested.lower() == "auto":
        return "CPU"
    for name in available:
        if requested.upper() == name.upper() or name.upper().startswith(requested.upper() + "."):
            return requested.upper()
    raise ModelError(
        "OpenVINO finds no device {device} on this machine, only {available}.",
        "Choose one of those, or auto.",
        device=requested,
        available=", ".join(available),
    )


def _describe(
    *, core: Any, model: Any, xml: Path, metadata: ModelMetadata | None, device: str, fallback: int
) -> OpenVinoNetwork:
    if len(model.inputs) != 1 or len(model.input(0).partial_shape) != 4 or len(model.outputs) != 1:
        raise _no_detector(xml)
    shape = model.input(0).partial_shape
    output = model.output(0).partial_shape
    sides = [0 if side.is_dynamic else side.get_length() for side in output]
    # the number of anchors is unknown for a flexible input: any large one is enough to recognise the head
    shown = tuple(side or (1 if axis == 0 else 1_000_000) for axis, side in enumerate(sides))
    head = recognise_head(shown, metadata.class_count if metadata else None)
    if head is None:
        raise _no_detector(xml)
    person_class = metadata.person_class if metadata else fallback
    if head is HeadKind.DENSE and shown[1] < 5 + person_class:
        raise _no_detector(xml)
    is_flexible = shape[2].is_dynamic or shape[3].is_dynamic
    if is_flexible:
        largest_wh = metadata.largest_wh if metadata else (640, 640)
    else:
        largest_wh = shape[3].get_length(), shape[2].get_length()
    return OpenVinoNetwork(
        name=xml.parent.name,
        core=core,
        model=model,
        head=head,
        person_class=person_class,
        largest_wh=largest_wh,
        stride=metadata.stride if metadata else 32,
        is_flexible=is_flexible,
        device=device,
        iou_threshold=metadata.iou_threshold if metadata else DEFAULT_IOU_THRESHOLD,
    )


def _damaged(xml: Path) -> ModelError:
    return ModelError(
        "The model {model} is damaged: OpenVINO cannot read {file}.",
        "Copy the whole model folder again, or export it again.",
        model=xml.parent.name if xml.suffix == ".xml" else xml.stem,
        file=xml.name,
    )


def _no_detector(xml: Path) -> ModelError:
    return ModelError(
        "The model {model} does not detect objects: its input or output has another shape.",
        "Choose a detection model of the YOLO family, such as yolo26n.",
        model=xml.parent.name,
    )
