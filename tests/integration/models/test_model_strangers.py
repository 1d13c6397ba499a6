"""Weights of strangers are numbers, or are not read at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import ModelError
from vision.detection.detector_choice import DetectorChoice
from vision.detection.detector_loading import load_detector
from vision.detection.model_export import Precision, export_openvino

pytestmark = pytest.mark.torch


class _Trap:
    """Pickled, it writes a file when it is read."""

    def __init__(self, target: Path) -> None:
        self._target = str(target)

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path(self._target),)


def write_trapped_weights(folder: Path) -> tuple[Path, Path]:
    import torch

    proof, file = folder / "was-here", folder / "trap.pt"
    torch.save({"model": _Trap(proof), "train_args": {}}, file)
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("TORCH_FORCE_WEIGHTS_ONLY_LOAD", raising=False)
        torch.load(file, weights_only=False)
    assert proof.exists(), "the trap itself works"
    proof.unlink()
    return file, proof


def test_weights_that_hold_a_program_are_refused_in_words_and_run_nothing(tmp_path: Path) -> None:
    file, proof = write_trapped_weights(tmp_path)
    with pytest.raises(ModelError, match="contains program code"):
        load_detector(DetectorChoice(file, adapter="ultralytics"))
    assert not proof.exists()


@pytest.mark.slow
def test_nor_are_they_exported(tmp_path: Path) -> None:
    file, proof = write_trapped_weights(tmp_path)
    with pytest.raises(ModelError, match="contains program code"):
        export_openvino(file, tmp_path / "out", input_wh=(640, 384), precision=Precision.FP32)
    assert not proof.exists()
