"""How fast a whole analysis is, as ratios against baselines measured beside it.

    python -m benchmarks.pipeline [--rounds N] [--shape 640x640] [--model FOLDER] [--growth]

Baselines: the bare asynchronous inference loop of the same network at the same input shape, whole and without
the decoding of boxes (cut), and ``YOLO.track`` of ultralytics with the same INT8 weights at 640x640 where
torch is installed. Then: the whole ``analyse`` command, from its start to its files, with the fixed 640x640
network and, where torch is installed, with our own INT8 export of the same weights to the picture's shape.
Everything is run once in each round, one after the other, and printed at the round's end; the ratios are
medians of the ratios of each round, so that a machine that becomes slower disturbs both sides. Then: how many
of the boxes of the first network the second finds, on clips that it was not calibrated on; and, with
``--growth``, how memory and processor time grow from one camera to eight.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.analysis_timing import PROJECT, time_analysis
from benchmarks.camera_growth import measure_growth
from benchmarks.clips import repeat_clip
from benchmarks.export_recall import measure_recall
from benchmarks.needs import find_missing, require
from resources.files import resource_path
from vision.detection.model_catalogue import SHIPPED_MODEL

REPEATED = 4
BARE_LOOP = "benchmarks.baselines.bare_inference"
OWN, FIXED = "384x640", "640x640"
CLIP = "one-by-one-person-detection.mp4"
CALIBRATION_CLIPS = ("caviar_EnterExitCrossingPaths1front.mpg", "caviar_OneStopEnter1front.mp4")
WHOLE, CUT = "analyse / bare loop", "analyse / bare loop of the cut network"
TRACK = "analyse / YOLO.track, from start to end"
FIRST_FRAME, END = "seconds until the first frame", "seconds after the last frame"
RECALL = f"boxes of {FIXED} that our export finds"
TARGETS = {
    FIXED: {WHOLE: 1.0, CUT: 0.90, TRACK: 1.5, FIRST_FRAME: 1.0, END: 0.5},
    OWN: {WHOLE: 0.95, CUT: 0.88, TRACK: 2.3, FIRST_FRAME: 1.0, END: 0.5},
}
RECALL_TARGET = 0.97
EXPORT_MODULES = ("torch", "ultralytics", "nncf")
TRACK_MODULES = ("torch", "ultralytics", "lap")


def run_json(*arguments: object) -> dict[str, Any]:
    """Run a module of Python and parse what it prints."""
    result = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode:
        raise SystemExit(result.stderr)
    document: dict[str, Any] = json.loads(result.stdout[result.stdout.index("{") :])
    return document


def time_track(model: Path, video: Path, settings: Path) -> float:
    """Frames a second of YOLO.track, from the start of its process to its end."""
    started = time.perf_counter()
    result = run_json("benchmarks.baselines.ultralytics_track", model, video, "--settings", settings)
    return float(result["frames"] / (time.perf_counter() - started))


def measure_round(
    shape: str, model: Path, clip: Path, long_clip: Path, footage: Path, scratch: Path
) -> dict[str, float]:
    """Rates in frames a second, their ratios and the seconds before and after, of one round."""
    truth = footage / "clips" / "gt"
    rates = {
        "bare loop": run_json(BARE_LOOP, model, "--shape", shape)["fps"],
        "bare loop, cut": run_json(BARE_LOOP, model, "--shape", shape, "--cut")["fps"],
    }
    whole = time_analysis(long_clip, model, truth, scratch / "out")
    short = time_analysis(clip, model, truth, scratch / "out")
    rates[f"analyse, {REPEATED} times as long"] = whole.frames / whole.seconds
    rates["analyse"] = short.frames / short.seconds
    figures = {
        WHOLE: rates[f"analyse, {REPEATED} times as long"] / rates["bare loop"],
        CUT: rates[f"analyse, {REPEATED} times as long"] / rates["bare loop, cut"],
        FIRST_FRAME: statistics.mean((whole.first_frame_s, short.first_frame_s)),
        END: statistics.mean((whole.end_s, short.end_s)),
    }
    if not find_missing(TRACK_MODULES):
        int8 = resource_path("models", SHIPPED_MODEL)
        rates["YOLO.track"] = time_track(int8, clip, scratch / "ultralytics")
        figures[TRACK] = rates["analyse"] / rates["YOLO.track"]
    return {f"{name} (frames/s)": value for name, value in rates.items()} | figures


def export_own(footage: Path) -> Path:
    """Export the weights to the picture's shape, in 8 bits."""
    calibrate = [item for name in CALIBRATION_CLIPS for item in ("--calibrate", footage / "clips" / name)]
    exported = subprocess.run(
        [sys.executable, "-m", "app", "models", "export", str(footage / "weights" / "yolo11n_from_int8.pt"),
         "--shape", OWN, "--int8", "--name", "own", *map(str, calibrate)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if exported.returncode:
        raise SystemExit(exported.stderr)
    return Path(os.environ["EXPOFLOW_HOME"]) / "models" / "own"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    default = os.environ.get("EXPOFLOW_FOOTAGE", str(PROJECT.parent / "shared" / "footage"))
    parser.add_argument("--footage", type=Path, default=Path(default))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--shape", choices=(FIXED, OWN), help="one network only; both by default")
    parser.add_argument("--model", type=Path, help=f"a network of {OWN}, in place of an export made now")
    parser.add_argument("--growth", action="store_true", help="one to eight cameras, too")
    options = parser.parse_args()
    if options.shape is None and options.model is None and (missing := find_missing(EXPORT_MODULES)):
        print(f"Without {OWN} and its export, which need: {', '.join(missing)}", flush=True)
        options.shape = FIXED
    require(
        modules=EXPORT_MODULES if options.shape == OWN and options.model is None else (),
        files=(options.footage / "clips" / CLIP,),
    )
    if missing := find_missing(TRACK_MODULES):
        print(f"Without YOLO.track, which needs: {', '.join(missing)}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["EXPOFLOW_HOME"] = str(Path(scratch) / "home")
        return report(options, Path(scratch))


def report(options: argparse.Namespace, scratch: Path) -> int:
    footage: Path = options.footage
    clip = footage / "clips" / CLIP
    long_clip = repeat_clip(clip, scratch / "long.mp4", times=REPEATED)
    models = {FIXED: resource_path("models", SHIPPED_MODEL)}
    if options.shape != FIXED:
        models[OWN] = options.model or export_own(footage)
    shapes = [shape for shape in (FIXED, OWN) if options.shape in (None, shape)]
    rounds: dict[str, list[dict[str, float]]] = {shape: [] for shape in shapes}
    for number in range(options.rounds):
        for shape in shapes:
            figures = measure_round(shape, models[shape], clip, long_clip, footage, scratch)
            rounds[shape].append(figures)
            print(f"round {number + 1}, {shape}: ", end="")
            print(", ".join(f"{name} {value:.3f}" for name, value in figures.items()), flush=True)
    is_met = True
    for shape, measured in rounds.items():
        print(f"\n{shape:44}{'median':>9}{'wanted':>9}   all rounds")
        for name in measured[0]:
            values = [one[name] for one in measured]
            median, target = statistics.median(values), TARGETS[shape].get(name)
            if target is not None:
                is_met &= median <= target if name in (FIRST_FRAME, END) else median >= target
            wanted = "" if target is None else f"{target:.2f}"
            print(f"{name:44}{median:9.3f}{wanted:>9}   {', '.join(f'{v:.3f}' for v in values)}")
    if OWN in shapes:
        recall = measure_recall(reference=models[FIXED], candidate=models[OWN], clips=[
            clip, footage / "clips" / "caviar_ShopAssistant1cor.mp4",
            footage / "clips" / "caviar_EnterExitCrossingPaths1cor.mpg",
        ])  # fmt: skip
        is_met &= recall.overall >= RECALL_TARGET
        print(f"\n{RECALL:44}{recall.overall:9.3f}{RECALL_TARGET:9.2f}")
        for clip_name, share in recall.by_clip.items():
            print(f"  of {clip_name:39}{share:9.3f}")
        if options.growth:
            print(
                f"\n{'cameras':>8}{'frames/s':>10}{'CPU ms/frame':>14}{'memory MiB':>12}"
                f"{'MiB/camera more':>17}"
            )
            for row in measure_growth(clip, models[OWN], footage / "clips" / "gt"):
                print(
                    f"{row.cameras:8}{row.fps:10.1f}{row.cpu_ms:14.1f}{row.memory_mib:12.0f}{row.more_mib:17.1f}"
                )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
