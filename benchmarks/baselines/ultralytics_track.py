"""The baseline: ``YOLO.track`` of ultralytics over a video, as its documentation shows it."""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path


def run(model_path: Path, video: Path, settings_folder: Path) -> tuple[int, float]:
    """Frames and seconds of a whole track() call, the model's loading and first picture left out."""
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_CONFIG_DIR"] = str(settings_folder)
    from ultralytics import YOLO, settings

    settings.update({"sync": False})
    model = YOLO(model_path, task="detect")
    results = model.track(
        str(video), classes=[0], conf=0.1, imgsz=640, stream=True, verbose=False, tracker="bytetrack.yaml"
    )
    next(results)
    started = time.perf_counter()
    frames = sum(1 for _ in results)
    return frames, time.perf_counter() - started


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("video", type=Path)
    parser.add_argument("--settings", type=Path, required=True, help="a folder for ultralytics' settings")
    options = parser.parse_args()
    frames, seconds = run(options.model, options.video, options.settings)
    print(json.dumps({"frames": frames, "seconds": seconds, "fps": frames / seconds}))
