"""Makes the demonstration's model from nothing: ``python -m tools.training.train_demo_model --out DIR``.

Renders people in halls, trains YOLO11n from random weights, quantises it to 8 bits for OpenVINO, and measures
it on kinds of halls that training never had. Nothing is downloaded. How the model in
``resources/models/expoflow-demo`` was made stands in its MODEL_CARD.md; the defaults make one like it in
about an hour on two quiet cores. The same options and a number of steps give the same training on the same
machine and versions; ``--minutes`` does not.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import yaml

from analytics.domain.clock import SystemClock
from analytics.domain.errors import ExpoFlowError, ModelError
from resources.atomic_file import write_text_atomically
from tools.training.detector_scores import score_on_dataset
from tools.training.hall_kinds import HELD_OUT_KINDS, TRAINING_KINDS, HallKind
from tools.training.network_training import TrainingPlan, load_weights, save_checkpoint, train
from tools.training.rendered_dataset import write_dataset
from tools.training.training_batches import make_batches
from vision.detection.model_export import Precision, export_openvino
from vision.detection.model_metadata import METADATA_NAME
from vision.detection.openvino_detector import OpenVinoDetector

INPUT_WH = (384, 224)
BATCH = 16
IOU_THRESHOLD = 0.5
"""Of the suppression of overlapping boxes; a network trained this briefly finds many people twice."""
MINIMUM_SCORES = (0.1, 0.25, 0.4, 0.5, 0.6)
_HELD_OUT_SEED = 900
_HELD_OUT_HALLS = 40
_CALIBRATION_PICTURES = 200


def main(arguments: list[str] | None = None) -> int:
    """Run; 0 for success, 1 with a sentence where something is missing."""
    options = _parse(arguments)
    try:
        _make_model(options)
    except ExpoFlowError as error:
        _say(str(error))
        return 1
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the model; must not exist")
    parser.add_argument("--work", type=Path, default=Path("build/demo-model"), help="data set and weights")
    parser.add_argument("--halls", type=int, default=1100, help="rendered halls for training")
    parser.add_argument("--pictures-per-hall", type=int, default=6)
    parser.add_argument("--steps", type=int, default=5000, help=f"batches of {BATCH} pictures")
    parser.add_argument("--minutes", type=float, help="end training by then; the result depends on the speed")
    parser.add_argument("--peak-rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--continue-from", type=Path, help="weights of an earlier run to begin with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of torch")
    parser.add_argument("--skip-training", action="store_true", help="export the weights of an earlier run")
    return parser.parse_args(arguments)


def _make_model(options: argparse.Namespace) -> None:
    if options.out.exists():
        raise ModelError(
            "The folder {folder} exists already.", "Name another, or delete it.", folder=options.out.name
        )
    cv2.setNumThreads(options.threads)
    work: Path = options.work
    weights = work / "weights.pt"
    held_out = work / "held-out"
    training = work / "training"
    _render(training, TRAINING_KINDS, options.halls, options.pictures_per_hall, options.seed)
    _render(held_out, HELD_OUT_KINDS, _HELD_OUT_HALLS, 6, _HELD_OUT_SEED)
    if not options.skip_training:
        train(
            batches=make_batches(
                folders=(training,), size=BATCH, input_wh=INPUT_WH, rng=np.random.default_rng(options.seed)
            ),
            plan=TrainingPlan(
                steps=options.steps,
                time_limit_s=None if options.minutes is None else options.minutes * 60,
                peak_rate=options.peak_rate,
                seed=options.seed,
                threads=options.threads,
            ),
            checkpoint=weights,
            clock=SystemClock(),
            initial_weights=options.continue_from,
            on_step=_report_step,
        )
    model = work / "model.pt"
    save_checkpoint(load_weights(weights), model)
    export_openvino(
        model,
        options.out,
        input_wh=INPUT_WH,
        precision=Precision.INT8,
        videos=[_film(training, work / "calibration.avi")],
        frame_count=_CALIBRATION_PICTURES,
    )
    _describe(options.out)
    _measure(options.out, held_out, work / "scores.json")


def _render(folder: Path, kinds: tuple[HallKind, ...], halls: int, per_hall: int, seed: int) -> None:
    """Render a data set that is not there yet; one that was cut short is started again."""
    done = folder / "complete"
    if done.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    write_dataset(folder, kinds=kinds, halls=halls, pictures_per_hall=per_hall, seed=seed)
    done.touch()
    _say(f"rendered {folder.name}")


def _film(dataset: Path, path: Path) -> Path:
    """Pictures of the training set, from all kinds of halls, as the recording that quantising wants."""
    names = sorted(dataset.glob("*.jpg"))
    chosen = names[:: max(len(names) // _CALIBRATION_PICTURES, 1)]
    first = np.asarray(cv2.imread(str(chosen[0])))
    size = first.shape[1], first.shape[0]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, size)
    for name in chosen:
        writer.write(np.asarray(cv2.imread(str(name))))
    writer.release()
    return path


def _describe(model: Path) -> None:
    path = model / METADATA_NAME
    metadata = yaml.safe_load(path.read_text(encoding="utf-8"))
    metadata["description"] = "YOLO11n architecture, trained from random weights on rendered people only"
    metadata["author"] = "ExpoFlow"
    metadata["license"] = "AGPL-3.0"
    metadata["iou_threshold"] = IOU_THRESHOLD
    write_text_atomically(path, yaml.safe_dump(metadata, sort_keys=False))


def _measure(model: Path, dataset: Path, result: Path) -> None:
    detector = OpenVinoDetector.load(
        model, device="CPU", minimum_score=min(MINIMUM_SCORES), iou_threshold=IOU_THRESHOLD
    )
    scores = score_on_dataset(detector, dataset, minimum_scores=MINIMUM_SCORES)
    detector.close()
    rows = [
        {
            "minimum_score": score.minimum_score,
            "recall": round(score.recall, 4),
            "precision": round(score.precision, 4),
            "people": score.people,
            "detections": score.detections,
        }
        for score in scores
    ]
    write_text_atomically(result, json.dumps(rows, indent=1) + "\n")
    for row in rows:
        _say(json.dumps(row))


def _report_step(step: int, loss: float, progress: float) -> None:
    if step % 50 == 0:
        _say(f"step {step}, loss {loss:.3f}, {progress:.1%}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
