"""A name or path leads to a model on this machine, in a known order, or to a sentence that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import ModelError
from resources.files import resource_path
from tests.support.halls.tiny_networks import write_colour_detector
from vision.detection.model_catalogue import (
    ModelKind,
    is_model_name,
    locate_model,
    read_catalogue,
)
from vision.detection.model_digest import digest_model
from vision.detection.model_records import ModelRecords


def place_own(folder: Path, name: str) -> Path:
    path = write_colour_detector(folder / name)
    ModelRecords(folder).add(
        name=name, path=path, origin="file somewhere", recorded_utc="2026-11-25T00:00:00.000Z"
    )
    return path


def test_the_catalogue_is_complete_and_invents_nothing() -> None:
    catalogue = read_catalogue()
    names = [entry.name for entry in catalogue.entries]
    assert names == ["yolo11n-int8", "yolo26n", "yolo26s", "yolo11n", "yolo11s", "yolov8n", "expoflow-demo"]
    for entry in catalogue.entries:
        assert is_model_name(entry.name)
        assert entry.licence.startswith("AGPL-3.0")
        assert entry.training_data
        if entry.kind is ModelKind.BUNDLED:
            assert digest_model(resource_path("models", entry.name)) == entry.sha256
        if entry.kind is ModelKind.OFFICIAL:
            assert entry.url is not None
            assert entry.url.startswith("https://github.com/ultralytics/assets/")
            assert entry.url.endswith(f"/{entry.name}.pt")


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "anywhere")
    assert locate_model(str(folder), user_folder=tmp_path / "models") == folder


def test_the_users_own_model_comes_before_a_bundled_one(tmp_path: Path) -> None:
    bundled = write_colour_detector(tmp_path / "bundled" / "expoflow-demo")
    user = tmp_path / "models"
    assert locate_model("expoflow-demo", user_folder=user, bundled_folder=tmp_path / "bundled") == bundled
    own = place_own(user, "expoflow-demo")
    assert locate_model("expoflow-demo", user_folder=user, bundled_folder=tmp_path / "bundled") == own


@pytest.mark.parametrize(
    ("choice", "sentence", "remedy"),
    [
        ("yolo26n", "yolo26n is not on this machine yet", "models get yolo26n, or use yolo11n-int8"),
        ("expoflow-demo", "missing from this installation", "Install ExpoFlow again"),
        ("magic", "no model called 'magic'", "models list"),
        ("folder/magic", "no model at folder", "models list"),
        ("magic.pt", "no model at magic.pt", "models list"),
    ],
)
def test_what_is_not_here_is_named_with_a_remedy(
    tmp_path: Path, choice: str, sentence: str, remedy: str
) -> None:
    with pytest.raises(ModelError) as caught:
        locate_model(choice, user_folder=tmp_path, bundled_folder=tmp_path / "bundled")
    assert sentence in caught.value.problem
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "is_good"),
    [("yolo26n", True), ("my.model_2-x", True), ("", False), ("..", False), ("a/b", False), ("-x", False)],
)
def test_names_suit_every_system(name: str, is_good: bool) -> None:
    assert is_model_name(name) is is_good
