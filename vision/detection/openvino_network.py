"""Reading of a detection network by OpenVINO, and its compilation for camera pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analytics.domain.errors import ModelError
from vision.detection.box_decoding import Floats, HeadKind, decode_dense, decode_end_to_end, recognise_head
from vision.detection.model_metadata import (
    DEFAULT_IOU_THRESHOLD,
    METADATA_NAME,
    ModelMetadata,
    read_metadata,
    require_model_file,
)
from vision.detection.openvino_head import HeadDecoder, cut_head
from vision.detection.telemetry_opt_out import refuse_openvino_telemetry


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
        (into_folder / METADATA_NAME).write_text(text, encoding="utf-8")
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
