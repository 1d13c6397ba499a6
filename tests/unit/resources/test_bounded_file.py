"""A file that is far too large is refused before it fills the memory."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from analytics.domain.errors import ExpoFlowError
from app.core.calibration_csv import read_calibration
from app.core.privacy_file import read_privacy
from app.plan.geojson import read_floor_geojson
from app.validation.validation_labels import read_labels
from resources.bounded_file import MAX_TEXT_BYTES, read_bounded


def test_what_is_small_enough_is_read_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_bounded(file, most_bytes=5) == b"12345"
    with pytest.raises(OSError, match="large") as caught:
        read_bounded(file, most_bytes=4)
    assert caught.value.errno == errno.EFBIG


def test_of_an_endless_device_no_more_is_read() -> None:
    with pytest.raises(OSError, match="large"):
        read_bounded(Path("/dev/zero"), most_bytes=1000)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("zones.geojson", read_floor_geojson),
        ("pairs.csv", read_calibration),
        ("labels.json", read_labels),
        ("privacy.toml", lambda file: read_privacy(file.parent)),
    ],
)
def test_huge_files_of_strangers_are_refused_in_words(tmp_path: Path, name: str, read: object) -> None:
    with (tmp_path / name).open("wb") as stream:
        # sparse: it takes no room on the disk
        stream.truncate(MAX_TEXT_BYTES * 100)
    with pytest.raises(ExpoFlowError, match="too large for a file of its kind"):
        read(tmp_path / name)  # type: ignore[operator]
