"""Demonstration: a rendered clip with known truth through the real pipeline."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.analysis.analyse_recording import AnalysisProgress, analyse_recording
from app.analysis.recording_scene import read_scene
from app.maintenance.choose_detector import choose_detector
from vision.simulation.demo_clip import CAMERA, DemoClip, render_demo_clip
from vision.sources.frame_source import SourceAddress, SourceKind

MODEL = "expoflow-demo"
MINIMUM_SCORE = 0.1


def render_demonstration(folder: Path, *, seed: int, on_progress: Callable[[float, float], None]) -> DemoClip:
    """Render the clip and write its truth, zones and calibration beside it."""
    return render_demo_clip(folder, seed=seed, on_progress=lambda fraction: on_progress(fraction, 1.0))


def run_demonstration(
    clip: DemoClip, out_folder: Path, *, on_progress: Callable[[AnalysisProgress], None]
) -> dict[str, Any]:
    """Analyse the clip as any recording, with the bundled model; return the summary."""
    result = analyse_recording(
        recording=SourceAddress(SourceKind.VIDEO, str(clip.video)),
        scene=read_scene(clip.zones, clip.calibration),
        camera=str(CAMERA),
        detector=choose_detector(MODEL, device="auto", minimum_score=MINIMUM_SCORE),
        out_folder=out_folder,
        into=None,
        on_progress=on_progress,
        should_cancel=lambda: False,
    )
    assert result.summary is not None
    return result.summary


def compare_with_truth(clip: DemoClip, summary: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return rows of name, true and measured value from the clip's summary.json of exact positions."""
    truth = json.loads((clip.truth_folder / "summary.json").read_text(encoding="utf-8"))
    rows = [
        _row("people in view, mean", truth["people_in_view"]["mean"], summary["people_in_view"]["mean"]),
    ]
    for name, zone in truth["zones"].items():
        measured = summary["zones"][name]
        rows.append(_row(f"{name}: visits", zone["visits"], measured["visits"]))
        rows.append(_row(f"{name}: person-seconds", zone["person_seconds"], measured["person_seconds"]))
    for name, line in truth["lines"].items():
        measured = summary["lines"][name]
        rows += [
            _row(f"{name}: {direction}", line[direction], measured[direction]) for direction in ("in", "out")
        ]
    return rows


def _row(name: str, truth: float | None, measured: float | None) -> tuple[str, str, str]:
    return name, "–" if truth is None else f"{truth:.4g}", "–" if measured is None else f"{measured:.4g}"
