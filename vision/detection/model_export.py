"""Export of weights (``.pt``) to an OpenVINO model folder, in a child process."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from analytics.domain.errors import ModelError
from vision.detection.child_task import ProgressListener, ignore_progress, run_child_task
from vision.detection.model_digest import digest_model, model_files


class Precision(StrEnum):
    """Number format of the exported network; 8-bit is fastest on processors and needs sample pictures."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"


def export_openvino(
    weights: Path,
    output: Path,
    *,
    input_wh: tuple[int, int],
    precision: Precision,
    videos: Sequence[Path] = (),
    frame_count: int = 200,
    listener: ProgressListener = ignore_progress,
) -> Path:
    """Write the model folder ``output``, complete or not at all.

    Args:
        input_wh: width and height in pixels, multiples of the network's stride (mostly 32).
        videos: recordings of the cameras, for 8-bit numbers only; nothing is downloaded.
        frame_count: sample pictures over all recordings.

    Raises:
        ModelError: torch or NNCF is not installed, the weights or a recording cannot be used, or the folder
            exists already.
    """
    _check(weights, output, precision=precision, videos=videos)
    output.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=output.parent, prefix=f".{output.name}.partial-"))
    try:
        finished = run_child_task(
            "vision.detection.export_child",
            {
                "weights": str(weights.resolve()),
                "weights_sha256": digest_model(weights),
                "work_folder": str(work.resolve()),
                "input_wh": list(input_wh),
                "precision": precision.value,
                "videos": [str(video.resolve()) for video in videos],
                "frame_count": frame_count,
            },
            listener=listener,
        )
        result = Path(finished["folder"])
        for file in model_files(result):
            with file.open("rb+") as stream:
                os.fsync(stream.fileno())
        result.rename(output)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return output


def _check(weights: Path, output: Path, *, precision: Precision, videos: Sequence[Path]) -> None:
    if not weights.is_file() or weights.suffix.lower() != ".pt":
        raise ModelError(
            "{path} is not a file of weights ending in .pt.",
            "Download some with: python -m app models get yolo26n",
            path=str(weights),
        )
    if output.exists():
        raise ModelError(
            "There is already a model at {path}.",
            "Delete it first, or choose another name.",
            path=str(output),
        )
    needed = ["torch", "ultralytics"] + (["nncf"] if precision is Precision.INT8 else [])
    missing = [package for package in needed if importlib.util.find_spec(package) is None]
    if missing:
        raise ModelError(
            "Exporting needs packages that are not installed: {packages}.",
            "Install them with: pip install 'expoflow[torch]', or import a folder exported elsewhere with: "
            "python -m app models import FOLDER",
            packages=", ".join(missing),
        )
    if precision is Precision.INT8 and not videos:
        raise ModelError(
            "An 8-bit export needs recordings to calibrate the model.",
            "Specify one or more videos of your cameras with --calibrate, or choose fp16.",
        )
    for video in videos:
        if not video.is_file():
            raise ModelError(
                "There is no recording at {path}.", "Check the path of the video.", path=str(video)
            )
