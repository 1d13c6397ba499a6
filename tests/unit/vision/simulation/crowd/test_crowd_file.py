from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import SourceError
from vision.simulation.crowd.crowd_file import Crowd, EndlessCrowd, read_crowd, write_crowd
from vision.simulation.crowd.visitor_paths import VisitorPath, VisitorPaths


def walk(visitor: int, *, start_s: float, seconds: float) -> VisitorPath:
    """Along x at 1 m/s."""
    along = np.arange(round(seconds * 10) + 1) / 10
    return VisitorPath(
        visitor, start_s, np.column_stack([along, along * 0 + visitor]), along * 0, along.copy()
    )


def test_a_crowd_file_is_read_back(tmp_path: Path) -> None:
    crowd = Crowd(
        "B", 7, VisitorPaths(10.0, (walk(1, start_s=0.5, seconds=3), walk(4, start_s=9, seconds=8)))
    )
    write_crowd(tmp_path / "crowd.npz", crowd)
    back = read_crowd(tmp_path / "crowd.npz")
    assert (back.layout, back.seed, back.paths.duration_s) == ("B", 7, 10.0)
    assert [(p.visitor, p.start_s, len(p.xy_m)) for p in back.paths.paths] == [(1, 0.5, 31), (4, 9.0, 81)]
    for ours, theirs in zip(crowd.paths.paths, back.paths.paths, strict=True):
        np.testing.assert_allclose(theirs.xy_m, ours.xy_m, atol=1e-5)


@pytest.mark.parametrize("content", [None, b"", b"no crowd", b"PK\x03\x04 cut off"])
def test_an_invalid_crowd_file_is_rejected(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "crowd.npz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read_crowd(file)
    assert str(file) in caught.value.problem
    assert "demo-exhibition" in caught.value.remedy


def test_an_endless_crowd_continues_after_its_period() -> None:
    crowd = EndlessCrowd(
        VisitorPaths(10.0, (walk(1, start_s=8.0, seconds=25.0), walk(2, start_s=2, seconds=1)))
    )
    places = {
        time_s: sorted((m.visitor, round(m.xy_m[0], 3)) for m in crowd.at(time_s)) for time_s in (8.5, 18.5)
    }
    # the same visitor of three periods at once, and nobody else
    assert places[8.5] == places[18.5] == [(1, 0.5), (1, 10.5), (1, 20.5)]
    assert [m.visitor for m in crowd.at(102.5) if m.visitor == 2] == [2]
