"""The bundled model finds the people of the demonstration, whose crowd and hall it was not trained on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import resources
from analytics.domain.identifiers import CameraId
from tools.simulation.crowd.visitor_paths import simulate_visitors
from tools.simulation.crowd.walk_hall import make_demo_hall
from tools.simulation.rendered_scene import RenderedSceneSource
from tools.training.detector_scores import score_on_pictures
from tools.training.train_demo_model import INPUT_WH
from vision.detection.openvino_detector import OpenVinoDetector
from vision.pixel_types import Picture

MODEL = Path(resources.__file__).parent / "models" / "expoflow-demo"
MOST_BYTES = 4_000_000


@pytest.fixture(scope="module")
def detector() -> Iterator[OpenVinoDetector]:
    loaded = OpenVinoDetector.load(MODEL, device="CPU")
    yield loaded
    loaded.close()


def render_moments(*, seed: int) -> Iterator[tuple[Picture, np.ndarray]]:
    paths = simulate_visitors(hall=make_demo_hall(), duration_s=60.0, seed=seed)
    source = RenderedSceneSource(
        camera=CameraId("demo"), hall=make_demo_hall(), paths=paths, fps=0.2, seed=seed
    )
    source.open()
    while (frame := source.read()) is not None:
        boxes = [
            [*np.clip(person.whole_xyxy, 0, (960, 540, 960, 540)), person.covered_share]
            for _, person in source.people
        ]
        yield frame.picture, np.array(boxes, np.float32).reshape(-1, 5)
    source.close()


@pytest.mark.parametrize("seed", [21, pytest.param(22, marks=pytest.mark.slow)])
def test_the_model_detects_an_unseen_crowd(detector: OpenVinoDetector, seed: int) -> None:
    score = score_on_pictures(detector, render_moments(seed=seed), minimum_scores=(0.25,))[0]
    assert score.people > 60
    assert score.recall > 0.86
    assert score.precision > 0.86


def test_the_model_finds_no_people_in_an_empty_picture(detector: OpenVinoDetector) -> None:
    grey = np.full((540, 960, 3), 120, np.uint8)
    found = detector.submit([grey]).wait()[0]
    assert (found.score < 0.3).all()


def test_the_model_is_small_and_describes_itself(detector: OpenVinoDetector) -> None:
    assert detector.input_wh == INPUT_WH
    assert sum(path.stat().st_size for path in MODEL.iterdir()) < MOST_BYTES
    card = (MODEL / "MODEL_CARD.md").read_text(encoding="utf-8")
    for needed in ("AGPL-3.0", "rendered", "recall", "official"):
        assert needed in card
