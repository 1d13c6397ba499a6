"""``python -m app validate``: labels against a history whose every visitor is known."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest

from app.cli.program import main
from app.core.document import Venue
from app.validation.validation_clips import SUFFIX
from app.validation.validation_labels import FOLDER, name_labels_file, write_labels
from tests.support.command_line import run_app
from tests.support.halls.validated_venue import label_venue, make_validated_venue


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue_made = make_validated_venue(tmp_path_factory.mktemp("validated"))
    labels = label_venue()
    write_labels(name_labels_file(venue_made.folder, labels.begun_utc_s), labels)
    return venue_made


def test_scores_are_printed_as_table_and_json(
    venue: Venue, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["validate", "--venue", str(venue.folder), "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    counting = output["total"]["scores"]["counting"]
    assert counting["count"] == {"true": 120, "found": 108, "matched": 108}
    assert counting["accuracy"]["value"] == pytest.approx(0.9, abs=0.01)
    assert output["software_version"]
    assert "plan" not in output
    assert output["missing"] == []
    assert main(["validate", "--venue", str(venue.folder)]) == 0
    assert "108 / 120" in capsys.readouterr().out


def test_a_certificate_is_written_in_the_chosen_language(venue: Venue, tmp_path: Path) -> None:
    leftover = venue.folder / FOLDER / f"999999-1-abcd{SUFFIX}"
    leftover.write_bytes(b"nobody has the key")
    file = tmp_path / "certificate.pdf"
    result = run_app("validate", "--venue", venue.folder, "--certificate", file, "--language", "zh_CN")
    assert result.returncode == 0, result.stderr
    assert leftover.name in result.stderr
    assert not leftover.exists()
    document = pypdfium2.PdfDocument(file)
    try:
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    assert "准确度证书" in text
    assert "90.0%" in text


def test_invalid_options_are_rejected(
    venue: Venue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}", encoding="utf-8")
    assert main(["validate", "--venue", str(venue.folder), "--labels", str(other)]) == 1
    assert "other.json contains no labels" in " ".join(capsys.readouterr().err.split())
    assert main(["validate"]) == 2
