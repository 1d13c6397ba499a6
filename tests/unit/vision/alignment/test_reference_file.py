"""What is kept of a camera's view on disk: enough to recognise it, and no picture."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.identifiers import CameraId
from tests.support.halls.watched_hall import film
from vision.alignment.background import shrink_picture
from vision.alignment.reference_file import MAX_REFERENCES, read_reference, save_reference
from vision.alignment.reference_place import locate_reference
from vision.alignment.registration import register_view
from vision.alignment.view_features import find_features
from vision.alignment.view_report import ViewVerdict

PAIRS = tuple(PointPair(u, v, u / 10, v / 10) for u, v in ((0, 0), (64, 0), (64, 36), (0, 36)))
CAMERA = Camera(CameraId("Hall 3 / north"), (480, 270), PAIRS)


def test_a_reference_is_the_same_after_it_was_kept(tmp_path: Path) -> None:
    features = find_features(shrink_picture(film(None, 0.0)[0]))
    file = locate_reference(tmp_path / "views", CAMERA)
    save_reference(file, features)
    kept = read_reference(file)
    assert kept is not None
    assert kept.size_wh == features.size_wh
    assert np.array_equal(kept.descriptors, features.descriptors)
    assert register_view(kept, features).verdict is ViewVerdict.STEADY


def test_its_file_holds_no_picture(tmp_path: Path) -> None:
    file = locate_reference(tmp_path, CAMERA)
    save_reference(file, find_features(shrink_picture(film(None, 0.0)[0])))
    with np.load(file) as content:
        sizes = {name: content[name].size for name in content.files}
    # the points and their descriptors; besides, six rows of eight numbers each
    assert max(size for name, size in sizes.items() if name not in {"points_px", "descriptors"}) <= 48


def test_it_belongs_to_the_calibration_and_not_to_the_masks() -> None:
    folder = Path("views")
    file = locate_reference(folder, CAMERA)
    masked = dataclasses.replace(CAMERA, mask=(((0, 0), (9, 0), (9, 9)),), analysed_fps=2.0)
    assert locate_reference(folder, masked) == file
    assert locate_reference(folder, dataclasses.replace(CAMERA, pairs=PAIRS[::-1])) != file
    assert locate_reference(folder, dataclasses.replace(CAMERA, name=CameraId("south"))) != file


def test_only_those_of_the_last_calibrations_are_kept(tmp_path: Path) -> None:
    features = find_features(shrink_picture(film(None, 0.0)[0]))
    files = []
    for width in range(100, 100 + MAX_REFERENCES + 2):
        files.append(locate_reference(tmp_path, dataclasses.replace(CAMERA, frame_size_wh=(width, 100))))
        save_reference(files[-1], features)
    assert [file.exists() for file in files] == [False] * 2 + [True] * MAX_REFERENCES


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"something else"])
def test_a_file_that_is_none_is_passed_over(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "torn.npz"
    file.write_bytes(content)
    assert read_reference(file) is None
    assert read_reference(tmp_path / "missing.npz") is None
