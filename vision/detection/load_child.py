"""Child process that tests whether a model loads: ``python -m vision.detection.load_child``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vision.detection.child_task import ChildReporter
from vision.detection.detector_choice import DetectorChoice
from vision.detection.detector_loading import choose_adapter, load_detector


def main() -> None:
    """Load as requested, as a recording would."""
    reporter = ChildReporter()
    reporter.run(lambda: _load(Path(reporter.request["path"])))


def _load(path: Path) -> dict[str, object]:
    detector = load_detector(DetectorChoice(path, adapter=choose_adapter(path)))
    try:
        # networks of flexible size are compiled on their first picture
        detector.submit([np.full((360, 640, 3), 114, np.uint8)]).wait()
    finally:
        detector.close()
    return {}


if __name__ == "__main__":
    main()
