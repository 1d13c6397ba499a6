"""Child process that exports weights to an OpenVINO folder: ``python -m vision.detection.export_child``."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import yaml

from analytics.domain.errors import ModelError
from vision.detection.child_task import ChildReporter
from vision.detection.letterbox import letterbox_picture
from vision.detection.model_metadata import METADATA_NAME, parse_metadata
from vision.detection.ultralytics_runtime import import_ultralytics, refuse_code
from vision.pixel_types import Picture

MIN_FRAMES = 10
"""Minimum number of pictures for a reliable estimate of value ranges."""


def sample_frames(
    videos: Sequence[Path],
    *,
    input_wh: tuple[int, int],
    count: int,
    report: Callable[[int, int], None],
) -> list[Picture]:
    """Return letterboxed BGR pictures, spread evenly over the length of each recording.

    Args:
        count: total over all recordings; each gets an equal share.
        report: called with the numbers of sampled and of requested pictures.

    Raises:
        ModelError: a recording cannot be read, or all together give too few pictures.
    """
    taken: list[Picture] = []
    for number, video in enumerate(videos):
        share = count * (number + 1) // len(videos) - count * number // len(videos)
        for picture in _spread(video, share):
            taken.append(letterbox_picture(picture, input_wh))
            report(len(taken), count)
    if len(taken) < MIN_FRAMES:
        raise ModelError(
            "The recordings provide only {taken} pictures; quantising needs at least {fewest}.",
            "Add a longer recording of your own cameras.",
            taken=len(taken),
            fewest=MIN_FRAMES,
        )
    return taken


def _spread(video: Path, count: int) -> list[Picture]:
    capture = cv2.VideoCapture(str(video), cv2.CAP_FFMPEG)
    try:
        # counted rather than read from the header, which is wrong in some containers
        length = 0
        while capture.grab():
            length += 1
        capture.release()
        if length == 0:
            raise ModelError(
                "The recording {file} cannot be read.",
                "Choose a video file that plays, such as an MP4.",
                file=str(video),
            )
        positions = set(np.linspace(0, length - 1, min(count, length)).round().astype(int).tolist())
        capture.open(str(video), cv2.CAP_FFMPEG)
        pictures: list[Picture] = []
        for index in range(length):
            if not capture.grab():
                break
            if index in positions:
                is_read, picture = capture.retrieve()
                if is_read:
                    pictures.append(np.asarray(picture, np.uint8))
        return pictures
    finally:
        capture.release()


def main() -> None:
    """Export as requested."""
    reporter = ChildReporter()
    reporter.run(lambda: _export(reporter))


def _export(reporter: ChildReporter) -> dict[str, object]:
    request = reporter.request
    work = Path(request["work_folder"])
    weights = Path(request["weights"])
    input_wh = int(request["input_wh"][0]), int(request["input_wh"][1])
    precision = request["precision"]
    frames: list[Picture] = []
    if precision == "int8":
        frames = sample_frames(
            [Path(video) for video in request["videos"]],
            input_wh=input_wh,
            count=int(request["frame_count"]),
            report=lambda done, total: reporter.report("reading pictures", done, total),
        )
    reporter.report("loading weights")
    plain = _export_plain(weights, work=work, input_wh=input_wh, reporter=reporter)
    import openvino as ov

    model = ov.Core().read_model(next(plain.glob("*.xml")))
    if precision == "int8":
        model = _quantise(model, frames, reporter)
    reporter.report("writing")
    result = work / "result"
    result.mkdir()
    ov.save_model(model, result / f"{weights.stem}.xml", compress_to_fp16=precision == "fp16")
    _write_metadata(plain / METADATA_NAME, result / METADATA_NAME, request, len(frames))
    return {"folder": str(result)}


def _export_plain(weights: Path, *, work: Path, input_wh: tuple[int, int], reporter: ChildReporter) -> Path:
    """Export in full precision by Ultralytics, from a copy, as it writes beside the weights."""
    ultralytics = import_ultralytics()
    copy = Path(shutil.copy(weights, work / weights.name))
    try:
        model = ultralytics.YOLO(str(copy))
        names, task, stride = model.names, model.task, int(max(model.model.stride))
    except Exception as error:
        refuse_code(weights, error)
        raise ModelError(
            "The weights {file} cannot be loaded: {reason}",
            "Choose YOLO weights created by Ultralytics, ending in .pt.",
            file=weights.name,
            reason=(str(error).splitlines() or [type(error).__name__])[0],
        ) from error
    parse_metadata({"task": task, "names": names, "stride": stride}, path=weights / METADATA_NAME)
    width, height = input_wh
    if width % stride or height % stride:
        raise ModelError(
            "An input of {height}x{width} (height x width) does not suit {file}: both must be multiples of "
            "{stride}.",
            "Choose for example 384x640 for wide pictures, or 640x640.",
            width=width,
            height=height,
            file=weights.name,
            stride=stride,
        )
    reporter.report("converting")
    try:
        return Path(model.export(format="openvino", imgsz=[height, width], device="cpu", verbose=False))
    except Exception as error:
        raise ModelError(
            "Ultralytics could not convert {file}: {reason}",
            "Update Ultralytics and OpenVINO, or choose other weights.",
            file=weights.name,
            reason=(str(error).splitlines() or [type(error).__name__])[0],
        ) from error


def _quantise(model: Any, frames: list[Picture], reporter: ChildReporter) -> Any:
    """Quantise to 8 bits except for the head, as Ultralytics' ``utils/export/openvino.py`` does.

    The head turns distances and scores into boxes; its sigmoids and the sum over distances lose whole boxes
    in 8 bits and cost next to nothing.
    """
    import nncf

    operations = model.get_ordered_ops()
    sigmoids = [node.get_friendly_name() for node in operations if node.get_type_name() == "Sigmoid"]
    head = sigmoids[-1].split("/", 1)[0]
    names = [node.get_friendly_name() for node in operations]
    ignored = [
        name for name in names if name in set(sigmoids) or name.startswith((f"{head}/", f"{head}.dfl"))
    ]
    seen = 0

    def to_input(picture: Picture) -> npt.NDArray[np.float32]:
        nonlocal seen
        seen += 1
        reporter.report("quantising", seen)
        planes = picture[..., ::-1].transpose(2, 0, 1)[np.newaxis]
        return np.ascontiguousarray(planes, np.float32) / np.float32(255)

    return nncf.quantize(
        model,
        nncf.Dataset(frames, to_input),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(frames),
        ignored_scope=nncf.IgnoredScope(names=ignored),
    )


def _write_metadata(source: Path, target: Path, request: dict[str, Any], frame_count: int) -> None:
    metadata = yaml.safe_load(source.read_text(encoding="utf-8"))
    arguments = metadata.setdefault("args", {})
    arguments["half"] = request["precision"] == "fp16"
    arguments["int8"] = request["precision"] == "int8"
    metadata["origin"] = {
        "file": Path(request["weights"]).name,
        "sha256": request["weights_sha256"],
        "precision": request["precision"],
        "quantised_with_pictures": frame_count,
        "recordings": [Path(video).name for video in request["videos"]] if frame_count else [],
    }
    target.write_text(
        yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True), encoding="utf-8", newline="\n"
    )


if __name__ == "__main__":
    main()
