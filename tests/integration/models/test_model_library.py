"""What a user does with models, from the list to the measurement, without a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import ModelError
from app.maintenance.model_library import (
    bench_model,
    get_model,
    import_model,
    list_models,
    prepare_model,
)
from tests.support.halls.tiny_networks import write_colour_detector
from tests.support.halls.tiny_onnx import write_onnx_detector


def states(folder: Path) -> dict[str, str]:
    return {model.name: model.state for model in list_models(user_folder=folder)}


def test_the_list_begins_with_the_users_own_and_shows_what_can_be_fetched(tmp_path: Path) -> None:
    user = tmp_path / "models"
    assert states(user)["yolo26n"] == "not fetched"
    import_model(write_colour_detector(tmp_path / "hall"), user_folder=user, clock=SystemClock())
    first, *rest = list_models(user_folder=user)
    assert (first.name, first.state, first.path) == ("hall", "ready", user / "hall")
    assert first.size_bytes
    assert {"yolo26n", "yolo26s", "yolo11n", "yolo11s", "yolov8n", "expoflow-demo"} == {
        model.name for model in rest
    }
    assert all(model.path is None for model in rest if model.state != "ready")


def test_a_replaced_file_shows_as_damaged_and_is_not_used(tmp_path: Path) -> None:
    user = tmp_path / "models"
    import_model(write_colour_detector(tmp_path / "hall"), user_folder=user, clock=SystemClock())
    (user / "hall" / "colours.bin").write_bytes(b"other")
    assert states(user)["hall"] == "damaged"
    with pytest.raises(ModelError, match=r"hall at .* differs from the one from file hall"):
        bench_model("hall", user_folder=user, clock=SystemClock())


def test_only_models_of_the_catalogue_are_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model called 'magic', only yolo26n, yolo26s"):
        get_model("magic", user_folder=tmp_path, clock=SystemClock())
    with pytest.raises(ModelError, match="expoflow-demo comes with ExpoFlow"):
        get_model("expoflow-demo", user_folder=tmp_path, clock=SystemClock())


def test_a_model_is_found_before_it_is_downloaded_and_prepared_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, downloads = tmp_path / "models", tmp_path / "Downloads"
    (downloads / "stick").mkdir(parents=True)
    boxes = np.zeros((1, 4, 6), np.float32)
    write_onnx_detector(downloads / "stick" / "yolo11n.onnx", boxes)
    (downloads / "yolo12n.onnx").write_bytes(b"broken")

    def prepare(name: str | None = None, file: Path | None = None) -> str:
        return prepare_model(
            name, user_folder=user, clock=SystemClock(), file=file, places=(tmp_path / "none", downloads)
        )

    assert prepare() == "yolo11n"
    assert states(user)["yolo11n"] == "ready"
    assert prepare("yolo26n") == "yolo11n"
    assert prepare(file=write_onnx_detector(tmp_path / "own.onnx", boxes)) == "own"
    assert prepare("own") == "own"


def test_a_machine_without_internet_is_told_which_file_to_bring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with pytest.raises(ModelError, match=r"could not be downloaded from github\.com") as told:
        prepare_model(None, user_folder=tmp_path / "models", clock=SystemClock())
    assert "yolo26n.onnx" in told.value.remedy
    assert "USB stick" in told.value.remedy


def test_a_measurement_names_what_was_measured(tmp_path: Path) -> None:
    user = tmp_path / "models"
    import_model(write_colour_detector(tmp_path / "hall"), user_folder=user, clock=SystemClock())
    result = bench_model(
        "hall", user_folder=user, clock=SystemClock(), duration_s=0.2, batch=2, picture_wh=(256, 192)
    )
    assert (result.model, result.adapter, result.device) == ("hall", "openvino", "CPU")
    assert (result.input_wh, result.picture_wh, result.batch) == ((128, 96), (256, 192), 2)
    assert result.pictures_per_s > 0
    assert 0 < result.latency_p50_ms <= result.latency_p99_ms
