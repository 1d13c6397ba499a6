"""How well networks for re-identification tell people apart on film, beside the colours of clothes.

Run as ``python -m benchmarks.appearance``. The boxes of ``people_on_film.csv`` were found by YOLO11n and
given to people by eye. A pair is two crops of one person, 2 to 60 s apart, or of two people within a
minute. The networks are in ``$EXPOFLOW_NETWORKS`` (or ../shared/models), the clips where
``EXPOFLOW_FOOTAGE`` says.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import openvino as ov
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray
from benchmarks.clip_accuracy import find_footage
from benchmarks.needs import require
from vision.detection.clothing_colours import describe_clothes
from vision.pixel_types import Picture

LABELS = Path(__file__).with_name("people_on_film.csv")
NETWORKS = Path(os.environ.get("EXPOFLOW_NETWORKS", Path(__file__).parents[2] / "shared" / "models"))
COLOURS = "colours of clothes"
CAMERAS = ("caviar_EnterExitCrossingPaths1cor", "caviar_EnterExitCrossingPaths1front")
"""Clips of the same people from two cameras, 4 s apart."""
LARGE_CLIP, HEIGHTS_PX = "one-by-one-person-detection", (180, 120, 80)
"""Its people are 350 to 390 px tall: the picture is made smaller, to these heights."""
BANDS = ((35, 60), (60, 100), (100, 200))
GAPS = ((2.0, 20.0), (20.0, 60.0))
MINUTE_S = 60.0
MOST_HIDDEN = 0.1
RECALL = 0.95
INPUT_WIDTH = 640
"""Width of the picture at which the detector describes clothes."""
TIMED = 200
MIN_PAIRS = 20
COVERED_SHARE, NEARER_SHARE = 0.5, 0.05
"""Part of a box that the pasted person hides, and how much lower its feet are, in box heights."""

Describe = Callable[[Picture, npt.NDArray[np.float32]], FloatArray]


def make_network(file: Path) -> Describe:
    """Return a describer by a network, of crops of 128x256; embeddings of length 1, shape (n, d)."""
    core = ov.Core()
    options = {"INFERENCE_NUM_THREADS": 2, "PERFORMANCE_HINT": "LATENCY"}
    compiled = core.compile_model(core.read_model(file), "CPU", options)

    def describe(picture: Picture, xyxy: npt.NDArray[np.float32]) -> FloatArray:
        rows = []
        for left, top, right, bottom in np.maximum(xyxy, 0).astype(int):
            crop = cv2.resize(picture[top : bottom + 1, left : right + 1], (128, 256))
            found = next(iter(compiled(np.float32(crop.transpose(2, 0, 1)[None])).values())).ravel()
            rows.append(found / np.linalg.norm(found))
        return np.array(rows, np.float64)

    return describe


def describe_colours(picture: Picture, xyxy: npt.NDArray[np.float32]) -> FloatArray:
    """Describe clothes as the detector does, in a picture of its input's width."""
    gain = INPUT_WIDTH / picture.shape[1]
    return describe_clothes(scale(picture, gain), (xyxy * gain).astype(np.float32)).astype(np.float64)


def scale(picture: Picture, gain: float) -> Picture:
    """Return the picture at so many times its size."""
    how = cv2.INTER_AREA if gain < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, None, fx=gain, fy=gain, interpolation=how).astype(np.uint8)


def list_methods() -> dict[str, Describe]:
    """Return the describers by name: the colours, and every network that is here."""
    files = sorted(NETWORKS.glob("reid-*/*.xml"))
    networks = {
        file.stem.removeprefix("person-reidentification-retail-"): make_network(file) for file in files
    }
    return {COLOURS: describe_colours, **networks}


def read_pictures(clip: str, frames: set[int]) -> Iterator[tuple[int, Picture]]:
    """Yield the numbers and pictures of these frames of a clip."""
    footage = find_footage()
    assert footage is not None
    (file,) = (footage / "clips").glob(f"{clip}.mp*")
    with av.open(str(file)) as reader:
        for number, frame in enumerate(reader.decode(reader.streams.video[0])):
            if number in frames:
                yield number, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def cover(picture: Picture, box: FloatArray, other: Picture) -> tuple[Picture, FloatArray]:
    """Return the picture with another person's crop before the left part of a box, and the crop's box."""
    left, top, right, bottom = box.astype(int)
    height, covered_px = bottom - top, round((right - left) * COVERED_SHARE)
    width = max(round(other.shape[1] * height / other.shape[0]), covered_px)
    front = cv2.resize(other, (width, height))
    # nearer people's feet are lower
    down = min(round(NEARER_SHARE * height), picture.shape[0] - bottom)
    begin = max(left + covered_px - width, 0)
    shown = front[:, width - (left + covered_px - begin) :]
    covered = picture.copy()
    covered[top + down : bottom + down, begin : left + covered_px] = shown
    return covered, np.array([begin, top + down, left + covered_px, bottom + down], np.float64)


def describe_all(labels: pd.DataFrame, methods: dict[str, Describe]) -> pd.DataFrame:
    """Return the crops of all clips, one row each, with a column of descriptions for each method.

    Each whole crop is there a second time, with somebody else's latest one before it (``is_covered``).
    """
    rows: list[dict[str, object]] = []
    for clip, own in labels.groupby("clip"):
        by_frame = {int(str(number)): people for number, people in own.groupby("frame")}
        latest: dict[str, Picture] = {}
        for number, picture in read_pictures(str(clip), set(by_frame)):
            people = by_frame[number].to_dict("records")
            edges = by_frame[number][["left", "top", "right", "bottom"]].to_numpy(np.float64)
            edges = np.clip(edges, 0, [picture.shape[1], picture.shape[0]] * 2)
            for i, person in enumerate(people):
                tall = edges[i, 3] - edges[i, 1]
                is_whole = not person["cut"] and person["hidden"] <= MOST_HIDDEN
                others = [crop for name, crop in latest.items() if name != person["person"]]
                for height in HEIGHTS_PX if clip == LARGE_CLIP else (tall,):
                    gain = height / tall
                    small = scale(picture, gain)
                    boxes = (edges * gain).astype(np.float32)
                    known = {"clip": clip, "person": person["person"], "time_s": person["time_s"]}
                    known |= {"height": height, "is_whole": is_whole, "is_covered": False}
                    rows.append(known | {n: find(small, boxes)[i] for n, find in methods.items()})
                    if is_whole and others:
                        covered, front = cover(small, boxes[i], others[-1])
                        both = np.array([boxes[i], front], np.float32)
                        known |= {"is_covered": True}
                        rows.append(known | {n: find(covered, both)[0] for n, find in methods.items()})
                if is_whole:
                    left, top, right, bottom = edges[i].astype(int)
                    latest.pop(person["person"], None)
                    latest[person["person"]] = picture[top:bottom, left:right]
    return pd.DataFrame(rows)


def score(seen: pd.DataFrame, later: pd.DataFrame, gap_s: tuple[float, float], method: str) -> list[object]:
    """Return people, pairs of one person and of two, AUC, rank-1, and false alarms at 95 % recall.

    Only crops that the colours describe; rank-1 is against each other person's crop nearest in time.
    """
    similar = np.stack(list(seen[method])) @ np.stack(list(later[method])).T
    apart_s = np.abs(seen["time_s"].to_numpy()[:, None] - later["time_s"].to_numpy())
    names, others = seen["person"].to_numpy(), later["person"].to_numpy()
    is_one = names[:, None] == others
    is_same = is_one & (apart_s >= gap_s[0]) & (apart_s <= gap_s[1])
    same = similar[is_same]
    other = similar[~is_one & (apart_s <= MINUTE_S)]
    people = len(set(names) | set(others))
    if len(same) < MIN_PAIRS or len(other) < MIN_PAIRS:
        return [people, len(same), len(other), None, None, None]
    ranks = np.searchsorted(np.sort(other), same, "left") + np.searchsorted(np.sort(other), same, "right")
    auc = float(ranks.mean()) / (2 * len(other))
    alarms = float((other >= np.quantile(same, 1 - RECALL)).mean())
    is_first = []
    for i, j in np.argwhere(is_same):
        off_s = np.abs(later["time_s"].to_numpy() - later["time_s"].iloc[j])
        rivals = [find_nearest(off_s, others == name) for name in set(others) - {names[i]}]
        rivals = [k for k in rivals if off_s[k] <= MINUTE_S]
        if rivals:
            is_first.append(similar[i, j] > similar[i, rivals].max())
    return [people, len(same), len(other), auc, float(np.mean(is_first)) if is_first else None, alarms]


def find_nearest(off_s: FloatArray, is_meant: BoolArray) -> int:
    """Return the index of the smallest among those meant."""
    return int(np.where(is_meant, off_s, np.inf).argmin())


def list_material(
    crops: pd.DataFrame,
) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame, tuple[float, float]]]:
    """Yield names, crops, crops to compare them with, and gaps."""
    whole = crops[crops["is_whole"] & ~crops["is_covered"]]
    covered = crops[crops["is_covered"]]
    two = whole[whole["clip"].isin(CAMERAS)]
    for gap_s in GAPS:
        for low, high in BANDS:
            for clip, own in whole[whole["height"].between(low, high, "left")].groupby("clip"):
                yield f"{clip}, {low} to {high} px", own, own, gap_s
        for clip, own in whole.groupby("clip"):
            yield f"{clip}, one of the two half covered", own, covered[covered["clip"] == clip], gap_s
    first, second = (two[two["clip"] == clip] for clip in CAMERAS)
    yield "two cameras", first, second, (0.0, MINUTE_S)


def time_crop(methods: dict[str, Describe]) -> dict[str, float]:
    """Return milliseconds a crop by method: the fastest of calls in turn, each with one box."""
    picture = np.random.default_rng(1).integers(0, 255, (480, 640, 3)).astype(np.uint8)
    box = np.array([[200, 100, 260, 250]], np.float32)
    taken: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(TIMED):
        for name, find in methods.items():
            begin = time.perf_counter()
            find(picture, box)
            taken[name].append(1000 * (time.perf_counter() - begin))
    return {name: min(values) for name, values in taken.items()}


def main() -> None:
    """Print both tables as Markdown."""
    footage = find_footage()
    require(files=[footage / "clips" if footage else Path("the folder of EXPOFLOW_FOOTAGE"), NETWORKS])
    methods = list_methods()
    crops = describe_all(pd.read_csv(LABELS), methods)
    is_described = np.array([not np.isnan(one).any() for one in crops[COLOURS]])
    print("| material | gap s | method | people | same, other pairs | AUC | rank-1 | false alarms |")
    print("|---|---|---|---|---|---|---|---|")
    for name, seen, later, gap_s in list_material(crops[is_described]):
        for method in methods:
            people, same, other, *figures = score(seen, later, gap_s, method)
            if figures[0] is not None:
                told = " | ".join("–" if value is None else f"{value:.3f}" for value in figures)
                print(
                    f"| {name} | {gap_s[0]:g}–{gap_s[1]:g} | {method} | {people} | {same}, {other} | {told} |"
                )
    print("\n| method | ms a crop |\n|---|---|")
    for method, ms in time_crop(methods).items():
        print(f"| {method} | {ms:.2f} |")


if __name__ == "__main__":
    main()
