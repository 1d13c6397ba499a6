from __future__ import annotations

import itertools
import sys
from collections.abc import Callable

import pytest

from analytics.domain.errors import ModelError, PipelineError
from analytics.domain.identifiers import TrackletId
from vision.tracking.tracker_factory import TRACKER_NAMES, make_tracker
from vision.tracking.two_stage_tracker import TwoStageTracker


def counter() -> Callable[[], TrackletId]:
    numbers = itertools.count(1)
    return lambda: TrackletId(next(numbers))


def test_ours_by_name() -> None:
    assert isinstance(make_tracker("two_stage", counter()), TwoStageTracker)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(PipelineError, match="no tracker 'sort'") as caught:
        make_tracker("sort", counter())
    assert all(name in caught.value.remedy for name in TRACKER_NAMES)


@pytest.mark.parametrize("name", ["bytetrack", "botsort"])
def test_theirs_without_torch_say_what_to_install(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelError, match="pip install"):
        make_tracker(name, counter())
