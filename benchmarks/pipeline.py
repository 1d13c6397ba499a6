"""How fast a whole analysis is, as ratios against two baselines measured in the same run.

    python -m benchmarks.pipeline [--footage FOLDER] [--repeat N]

Baselines: the bare asynchronous inference loop of the same network at the same input shape, and
``YOLO.track`` of ultralytics with the same INT8 weights at 640x640. Then: the whole ``analyse`` command, from
its start to its files, with the fixed 640x640 network and with our own INT8 export of the same weights to the
picture's shape; how many of the boxes of the first the second finds, on clips that it was not calibrated on;
and how memory and processor time grow from one camera to eight.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.camera_growth import measure_growth
from benchmarks.clips import repeat_clip
from benchmarks.export_recall import measure_recall

PROJECT = Path(__file__).parents[1]
REPEATED = 4
BARE_LOOP = "benchmarks.baselines.bare_inference"
EXPORT_SHAPE = "384x640"
CALIBRATION_CLIPS = ("caviar_EnterExitCrossingPaths1front.mpg", "caviar_OneStopEnter1front.mp4")
TARGETS = {
    "analyse / bare loop, 640x640": 0.85,
    "analyse / YOLO.track, both from start to end": 1.4,
    "analyse with our export / YOLO.track": 2.2,
    "boxes of 640x640 that our export finds": 0.97,
}


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


def time_analysis(video: Path, model: Path | str, truth: Path, out: Path) -> tuple[int, float]:
    """Frames and wall seconds of the whole command, from its start to its end."""
    started = time.perf_counter()
    summary = run_json(
        "app", "analyse", video, "--model", model, "--out", out, "--json",
        "--zones", truth / "one-by-one_zones.geojson", "--calibration", truth / "one-by-one_pairs.csv",
    )  # fmt: skip
    return int(summary["analysed_frames"]), time.perf_counter() - started


def time_track(model: Path, video: Path, settings: Path) -> tuple[float, float]:
    """Frames a second of the loop of YOLO.track alone, and of its whole process with imports and loading."""
    started = time.perf_counter()
    result = run_json("benchmarks.baselines.ultralytics_track", model, video, "--settings", settings)
    return float(result["fps"]), result["frames"] / (time.perf_counter() - started)


def best(values: Sequence[float]) -> float:
    """The fastest of several runs: what disturbs a run only makes it slower."""
    return max(values)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    default = os.environ.get("EXPOFLOW_FOOTAGE", str(PROJECT.parent / "shared" / "footage"))
    parser.add_argument("--footage", type=Path, default=Path(default))
    parser.add_argument("--repeat", type=int, default=2, help="runs of each measurement; the fastest counts")
    parser.add_argument("--skip-growth", action="store_true", help="leave out one to eight cameras")
    options = parser.parse_args()
    footage = options.footage
    if not footage.is_dir():
        raise SystemExit(f"There is no footage at {footage}; set EXPOFLOW_FOOTAGE.")
    int8 = footage / "weights" / "yolo11n_int8_openvino_model"
    truth = footage / "clips" / "gt"
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["EXPOFLOW_HOME"] = str(Path(scratch) / "home")
        return report(options, footage, int8, truth, Path(scratch))


def report(options: argparse.Namespace, footage: Path, int8: Path, truth: Path, scratch: Path) -> int:
    clip = footage / "clips" / "one-by-one-person-detection.mp4"
    long_clip = repeat_clip(clip, scratch / "long.mp4", times=REPEATED)
    calibrate = [item for name in CALIBRATION_CLIPS for item in ("--calibrate", footage / "clips" / name)]
    exported = subprocess.run(
        [sys.executable, "-m", "app", "models", "export", str(footage / "weights" / "yolo11n_from_int8.pt"),
         "--shape", EXPORT_SHAPE, "--int8", "--name", "own", *map(str, calibrate)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if exported.returncode:
        raise SystemExit(exported.stderr)
    own = Path(os.environ["EXPOFLOW_HOME"]) / "models" / "own"

    rates: dict[str, list[float]] = {}
    for _ in range(options.repeat):
        runs = {
            "bare loop, 640x640": run_json(BARE_LOOP, int8)["fps"],
            f"bare loop, {EXPORT_SHAPE}": run_json(BARE_LOOP, own, "--shape", EXPORT_SHAPE)["fps"],
        }
        loop, whole = time_track(int8, clip, scratch / "ultralytics")
        runs["YOLO.track, 640x640"], runs["YOLO.track, from start to end"] = loop, whole
        for name, model in (("640x640", int8), (EXPORT_SHAPE, own)):
            for length, video in (("", clip), (f", {REPEATED} times as long", long_clip)):
                frames, seconds = time_analysis(video, model, truth, scratch / "out")
                runs[f"analyse, {name}{length}"] = frames / seconds
        for name, fps in runs.items():
            rates.setdefault(name, []).append(fps)
    fastest = {name: best(values) for name, values in rates.items()}
    recall = measure_recall(reference=int8, candidate=own, clips=[
        clip, footage / "clips" / "caviar_ShopAssistant1cor.mp4",
        footage / "clips" / "caviar_EnterExitCrossingPaths1cor.mpg",
    ])  # fmt: skip

    print(f"{'frames a second':48}{'fastest':>9}   all runs")
    for name, fps in fastest.items():
        print(f"{name:48}{fps:9.1f}   {', '.join(f'{v:.1f}' for v in rates[name])}")
    track = fastest["YOLO.track, 640x640"]
    long = f", {REPEATED} times as long"
    ratios = {
        "analyse / bare loop, 640x640": fastest[f"analyse, 640x640{long}"] / fastest["bare loop, 640x640"],
        "analyse / YOLO.track, both from start to end": fastest["analyse, 640x640"]
        / fastest["YOLO.track, from start to end"],
        "analyse with our export / YOLO.track": fastest[f"analyse, {EXPORT_SHAPE}{long}"] / track,
        "boxes of 640x640 that our export finds": recall.overall,
    }
    print(f"\n{'ratio':48}{'measured':>9}{'wanted':>9}")
    for name, value in ratios.items():
        print(f"{name:48}{value:9.3f}{TARGETS[name]:9.2f}")
    short = {
        "analyse / bare loop, 640x640, short clip": fastest["analyse, 640x640"]
        / fastest["bare loop, 640x640"],
        "analyse / loop of YOLO.track, 640x640": fastest[f"analyse, 640x640{long}"] / track,
        "our export / YOLO.track, short clip": fastest[f"analyse, {EXPORT_SHAPE}"] / track,
    }
    for name, value in short.items():
        print(f"{name:48}{value:9.3f}")
    for clip_name, share in recall.by_clip.items():
        print(f"  of {clip_name:45}{share:9.3f}")
    if not options.skip_growth:
        print(
            f"\n{'cameras':>8}{'frames/s':>10}{'CPU ms/frame':>14}{'memory MiB':>12}{'MiB/camera more':>17}"
        )
        for row in measure_growth(clip, own, truth):
            print(
                f"{row.cameras:8}{row.fps:10.1f}{row.cpu_ms:14.1f}{row.memory_mib:12.0f}{row.more_mib:17.1f}"
            )
    return 0 if all(ratios[name] >= wanted for name, wanted in TARGETS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
