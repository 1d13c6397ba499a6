"""The baseline: nothing but the asynchronous inference loop of a model, on pictures already prepared."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import openvino as ov

from vision.detection.openvino_network import HeadKind, cut_head


def run(model_path: Path, frames: int, input_hw: tuple[int, int], *, is_cut: bool) -> float:
    """Frames per second of an AsyncInferQueue that is always full."""
    core = ov.Core()
    model = core.read_model(next(model_path.glob("*.xml")))
    if is_cut:
        cut = cut_head(model, head=HeadKind.DENSE, person_class=0, core=core)
        if cut is None:
            raise SystemExit(f"{model_path.name} has no head that can be cut off")
        model, _ = cut
    compiled = core.compile_model(model, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
    queue = ov.AsyncInferQueue(compiled, 0)
    rng = np.random.default_rng(0)
    pictures = [rng.random((1, 3, *input_hw), dtype=np.float32) for _ in range(8)]
    for index in range(2 * len(queue)):
        queue.start_async({0: pictures[index % 8]})
    queue.wait_all()
    started = time.perf_counter()
    for index in range(frames):
        queue.start_async({0: pictures[index % 8]})
    queue.wait_all()
    return frames / (time.perf_counter() - started)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--shape", default="640x640", help="HEIGHTxWIDTH")
    parser.add_argument("--cut", action="store_true", help="without the decoding of boxes")
    options = parser.parse_args()
    height, width = (int(side) for side in options.shape.split("x"))
    print(json.dumps({"fps": run(options.model, options.frames, (height, width), is_cut=options.cut)}))
