"""What a model folder says of itself is understood in every spelling, or refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import ModelError
from vision.detection.model_metadata import ModelMetadata, read_metadata


def write(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "metadata.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_folder_without_it_has_none(tmp_path: Path) -> None:
    assert read_metadata(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "task: detect\nstride: 32\nimgsz:\n- 384\n- 640\nnames:\n  0: person\n  1: traffic light\n",
            ModelMetadata(2, 0, (640, 384), 32),
        ),
        ("names: [cat, Person]\nimgsz: 320\nstride: 64\n", ModelMetadata(2, 1, (320, 320), 64)),
        ("names: {7: person}\nimgsz: [96, 96]\n", ModelMetadata(8, 7, (96, 96), 32)),
    ],
)
def test_reads_what_exporters_write(tmp_path: Path, text: str, expected: ModelMetadata) -> None:
    assert read_metadata(write(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("names: [", "cannot be parsed"),
        ("just words", "cannot be parsed"),
        ("task: detect\n", "cannot be parsed"),
        ("names: {a: person}\n", "cannot be parsed"),
        ("names: [person]\nimgsz: [640]\n", "cannot be parsed"),
        ("names: [person]\nimgsz: wide\n", "cannot be parsed"),
        ("names: [person]\nstride: [8, 16]\n", "cannot be parsed"),
        ("task: pose\nnames: [person]\n", "made for 'pose' rather than for detection"),
        ("names: [cat, dog]\n", "has no class 'person', only cat, dog"),
    ],
)
def test_refuses_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence) as caught:
        read_metadata(write(tmp_path, text))
    assert "model model" in caught.value.problem
