"""What came into the user's folder is remembered, and noticed when it changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics.domain.errors import ModelError
from vision.detection.model_digest import digest_model, measure_model
from vision.detection.model_records import ModelRecord, ModelRecords

WHEN = "2026-11-25T09:00:00.000Z"


def place(folder: Path, name: str = "mine") -> Path:
    path = folder / name
    (path / "part").mkdir(parents=True)
    (path / "a.xml").write_bytes(b"one")
    (path / "part" / "b.bin").write_bytes(b"three")
    return path


def test_a_record_is_written_and_read_back(tmp_path: Path) -> None:
    path = place(tmp_path)
    record = ModelRecords(tmp_path).add(name="mine", path=path, origin="file x", recorded_utc=WHEN)
    assert record == ModelRecord("mine", "mine", digest_model(path), 8, "file x", WHEN)
    assert ModelRecords(tmp_path).read() == {"mine": record}
    assert ModelRecords(tmp_path).find_checked("mine") == path
    assert json.loads((tmp_path / "models.json").read_text(encoding="utf-8"))["version"] == 1
    assert {file.name for file in tmp_path.iterdir()} == {"mine", "models.json"}


def test_a_folder_that_is_not_there_has_no_records(tmp_path: Path) -> None:
    records = ModelRecords(tmp_path / "absent")
    assert records.read() == {}
    assert records.find_checked("mine") is None


def change_content(path: Path) -> None:
    (path / "a.xml").write_bytes(b"ane")


def rename_file(path: Path) -> None:
    (path / "a.xml").rename(path / "c.xml")


def add_file(path: Path) -> None:
    (path / "more").write_bytes(b"")


def delete_all(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


@pytest.mark.parametrize("change", [change_content, rename_file, add_file, delete_all])
def test_a_changed_model_is_not_used(tmp_path: Path, change: object) -> None:
    path = place(tmp_path)
    records = ModelRecords(tmp_path)
    records.add(name="mine", path=path, origin="file x", recorded_utc=WHEN)
    assert callable(change)
    change(path)
    with pytest.raises(ModelError, match="damaged, replaced or deleted"):
        records.find_checked("mine")


@pytest.mark.parametrize("text", ["{", "[]", '{"models": [{"name": "x"}]}', '{"models": [3]}'])
def test_records_that_cannot_be_understood_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "models.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"models\.json, cannot be read"):
        ModelRecords(tmp_path).read()


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    # the test vector of FIPS 180-2
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest_model(tmp_path / "abc") == expected
    assert measure_model(tmp_path / "abc") == 3
