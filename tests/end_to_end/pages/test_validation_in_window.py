"""A venue is validated in the window: clips of a scene with known truth, labelled by keys and mouse."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.document import Venue
from app.gui.session.job_runner import JobRunner
from app.gui.validation.text import ValidationStep
from app.validation.validation_clips import SUFFIX
from app.validation.validation_labels import FOLDER, list_labels_files, read_labels
from tests.support.halls.validated_venue import START_S, make_validated_venue
from tests.support.windows.shown_validation import (
    ShownValidation,
    find_stay,
    list_crossings,
    list_places,
    make_clip,
    render_clip,
)

CLIPS = 6
JPEG_BEGINS = b"\xff\xd8\xff"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return make_validated_venue(tmp_path_factory.mktemp("validated"))


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    made = JobRunner()
    yield made
    made.shutdown()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process puts temporary files, for as long as the test runs."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_labels_by_key_and_click_give_the_true_accuracy(
    qtbot: QtBot, venue: Venue, runner: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = ShownValidation(qtbot, venue, runner)
    shown.choose_clips()
    assert "clips of 60 s" in shown.state.needed
    assert not shown.page.clips.live.isEnabled(), "no camera is being recorded"
    clips = [make_clip(START_S + 100.0 + 130.0 * number) for number in range(CLIPS)]
    shown.add(*clips)
    shown.go_to(ValidationStep.LABEL)
    crossed = 0
    for clip in clips:
        assert shown.viewmodel.labelling.clip == clip
        for moment in list_crossings(clip):
            shown.go_to_moment(moment)
            shown.press(Qt.Key.Key_I)
            crossed += 1
        shown.press(Qt.Key.Key_H)
        for place in list_places(shown.viewmodel.labelling.playback.time_utc_s):
            shown.click(place)
        assert shown.page.labelling.panel.comparison.isHidden(), "the system's counts would be a hint"
        assert not shown.state.comparison
        shown.press(Qt.Key.Key_F)
        shown.wait(lambda: bool(shown.state.comparison) and not shown.state.busy)
        assert f"labelled {len(list_crossings(clip))}, counted" in shown.state.comparison[0]
        shown.press(Qt.Key.Key_F)
    assert shown.viewmodel.session.clips == (), "a labelled clip is gone"
    shown.go_to(ValidationStep.RESULTS)
    shown.wait(lambda: shown.state.results is not None and not shown.state.busy)
    results = shown.state.results
    assert results is not None
    assert results.certificate is not None
    scores = results.certificate.total.scores
    # one visitor of ten is unknown to the history, and nobody is counted who is not there
    expected = scores.counting.count.found / crossed
    assert scores.counting.count.true == crossed
    assert 0.85 <= expected <= 0.95
    assert scores.counting.accuracy.value == pytest.approx(expected, abs=0.02)
    assert scores.counting.precision.value == 1.0
    assert scores.occupancy.bias.value == pytest.approx(-0.1, abs=0.06)
    # a click is exact to a pixel of the screen, some 2 cm here
    assert scores.floor.rms_m.value == pytest.approx(0.0, abs=0.05)
    assert results.figures[0].value == f"{100 * scores.counting.accuracy.value:.1f} %"
    assert any("Dwell error" in sentence for sentence in results.missing)
    file = tmp_path / "certificate.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(file), ""))
    qtbot.mouseClick(shown.page.results.certificate, Qt.MouseButton.LeftButton)
    shown.wait(shown.page.results.folder.isVisible)
    document = pypdfium2.PdfDocument(file)
    try:
        assert results.figures[0].value in document[0].get_textpage().get_text_range()
    finally:
        document.close()


@pytest.mark.parametrize("in_file", [False, True])
def test_nothing_of_a_picture_is_on_disk_afterwards(
    qtbot: QtBot, venue: Venue, runner: JobRunner, temporary: Path, tmp_path: Path, *, in_file: bool
) -> None:
    leftover = venue.folder / FOLDER / f"999999-1-abcd{SUFFIX}"
    leftover.parent.mkdir(exist_ok=True)
    leftover.write_bytes(b"nobody has the key")
    shown = ShownValidation(qtbot, venue, runner, in_file=in_file)
    shown.wait(lambda: not leftover.exists())
    shown.choose_clips()
    # none that another test has labelled
    clip = make_clip(START_S + 1300.0)
    pictures = [frame.jpeg for frame in render_clip(clip)]
    shown.add(clip)
    assert len(list((venue.folder / FOLDER).glob(f"*{SUFFIX}"))) == in_file
    shown.go_to(ValidationStep.LABEL)
    begun, ended = find_stay(clip)
    for moment in (begun, ended):
        shown.go_to_moment(moment)
        shown.press(Qt.Key.Key_Return)
    places = (venue.folder, temporary, tmp_path)
    assert find_pictures(pictures, places) == [], "while it is labelled"
    shown.wait(lambda: not runner.handles)
    shown.viewmodel.close()
    assert find_pictures(pictures, places) == []
    assert not list((venue.folder / FOLDER).glob(f"*{SUFFIX}"))
    labels = read_labels(list_labels_files(venue.folder)[0])
    ((stay,),) = [unfinished.stays for unfinished in labels.unfinished]
    assert stay.entered_utc_s == pytest.approx(begun, abs=0.5)
    assert stay.left_utc_s == pytest.approx(ended, abs=0.5)


def test_a_picture_on_disk_would_be_found(tmp_path: Path) -> None:
    pictures = [frame.jpeg for frame in render_clip(make_clip(START_S + 100.0, seconds=1.0))]
    (tmp_path / "hidden.bin").write_bytes(b"before" + pictures[0] + b"after")
    assert find_pictures(pictures, (tmp_path,)) == ["hidden.bin"]


def find_pictures(pictures: list[bytes], folders: tuple[Path, ...]) -> list[str]:
    """Files that hold a picture, or a part of one from its middle."""
    parts = [picture[len(picture) // 2 :][:64] for picture in pictures]
    found = []
    for folder in folders:
        for file in (file for file in folder.rglob("*") if file.is_file()):
            content = file.read_bytes()
            if JPEG_BEGINS in content or any(part in content for part in parts):
                found.append(file.name)
    return found
