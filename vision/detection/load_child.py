"""Child process that tests whether a model loads, as OpenVINO's if it is ONNX.

``python -m vision.detection.load_child``
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vision.detection.child_task import ChildReporter
from vision.detection.detector_choice import DetectorChoice
from vision.detection.detector_loading import choose_adapter, load_detector
from vision.detection.openvino_network import convert_onnx


def main() -> None:
    """Load as requested, as a recording would; convert an ONNX file into ``convert_into`` first."""
    reporter = ChildReporter()
    reporter.run(lambda: _load(Path(reporter.request["path"]), reporter.request.get("convert_into")))


def _load(path: Path, convert_into: str | None) -> dict[str, object]:
    if convert_into is not None:
        path = convert_onnx(path, into_folder=Path(convert_into))
    detector = load_detector(DetectorChoice(path, adapter=choose_adapter(path)))
    try:
        # networks of flexible size are compiled on their first picture
        detector.submit([np.full((360, 640, 3), 114, np.uint8)]).wait()
    finally:
        detector.close()
    return {}


if __name__ == "__main__":
    main()
