"""What a user does with models, from the list to the measurement, without a network."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import ModelError
from app.maintenance import model_library
from app.maintenance.model_library import (
    bench_model,
    get_model,
    import_model,
    list_models,
)
from resources.files import resource_path
from tests.support.halls.tiny_networks import write_colour_detector


def states(folder: Path) -> dict[str, str]:
    return {model.name: model.state for model in list_models(user_folder=folder)}


def test_the_list_begins_with_the_users_own_and_shows_what_can_be_fetched(tmp_path: Path) -> None:
    user = tmp_path / "models"
    assert states(user)["yolo26n"] == "not fetched"
    import_model(write_colour_detector(tmp_path / "hall"), user_folder=user, clock=SystemClock())
    first, *rest = list_models(user_folder=user)
    assert (first.name, first.state, first.path) == ("hall", "ready", user / "hall")
    assert first.size_bytes
    assert {"yolo11n-int8", "yolo26n", "yolo26s", "yolo11n", "yolo11s", "yolov8n", "expoflow-demo"} == {
        model.name for model in rest
    }
    assert {model.name for model in rest if model.state == "ready"} == {"yolo11n-int8", "expoflow-demo"}
    assert all(model.path is None for model in rest if model.state != "ready")


def test_a_replaced_file_shows_as_damaged_and_is_not_used(tmp_path: Path) -> None:
    user = tmp_path / "models"
    import_model(write_colour_detector(tmp_path / "hall"), user_folder=user, clock=SystemClock())
    (user / "hall" / "colours.bin").write_bytes(b"other")
    assert states(user)["hall"] == "damaged"
    with pytest.raises(ModelError, match=r"hall at .* differs from the one from file hall"):
        bench_model("hall", user_folder=user, clock=SystemClock())


def test_a_damaged_copy_of_a_model_that_ships_shows_as_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(resource_path("models", "yolo11n-int8"), tmp_path / "yolo11n-int8")
    monkeypatch.setattr(model_library, "resource_path", lambda _models, name: tmp_path / name)
    assert states(tmp_path)["yolo11n-int8"] == "ready"
    with (tmp_path / "yolo11n-int8" / "yolo11n.bin").open("ab") as weights:
        weights.write(b"x")
    assert states(tmp_path)["yolo11n-int8"] == "damaged"


def test_only_models_of_the_catalogue_are_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model called 'magic', only yolo11n-int8, yolo26n"):
        get_model("magic", user_folder=tmp_path, clock=SystemClock())
    with pytest.raises(ModelError, match="expoflow-demo comes with ExpoFlow"):
        get_model("expoflow-demo", user_folder=tmp_path, clock=SystemClock())


def test_a_model_is_measured_by_its_name(tmp_path: Path) -> None:
    user = tmp_path / "models"
    import_model(write_colour_detector(tmp_path / "hall"), user_folder=user, clock=SystemClock())
    assert bench_model("hall", user_folder=user, clock=SystemClock(), duration_s=0.1) > 0
