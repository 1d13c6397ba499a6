"""The shipped tables serve on every processor: no key depends on the last bits, and no kernel crashes."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from analytics.rollups.rollup_folder import RollupFolder
from analytics.rollups.tables import TABLES
from app.core.file_format import read_venue
from app.demo.ready_venue import list_show_days, unpack_demo_venue
from tests.support.halls.walked_hall import SetClock
from tests.support.processor_kernels import list_kernels, run_on_kernel

NOW_UTC_S = datetime.combine(date(2031, 2, 28), time(9), ZoneInfo("Asia/Shanghai")).timestamp()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("processors") / "demo.expoflow"
    return unpack_demo_venue(made, clock=SetClock(NOW_UTC_S)).folder


@pytest.fixture(scope="module")
def told(folder: Path) -> list[dict[str, Any]]:
    kernels = list_kernels()[:3]
    found = [run_on_kernel(kernel, "tests.support.venue_keys", folder, str(NOW_UTC_S)) for kernel in kernels]
    if [one["kernel"] for one in found] != kernels or len(kernels) < 3:
        pytest.skip("this processor, or this numpy, does not have three kernels")
    # or the rest would show nothing
    assert len({str(one["inverses"]) for one in found}) == 3
    return found


def test_keys_are_the_same(folder: Path, told: list[dict[str, Any]]) -> None:
    stored = [rollup.key for rollup in RollupFolder(folder).find_all()]
    assert len(stored) == 3
    for one in told:
        assert one["keys"] == told[0]["keys"], one["kernel"]
        assert one["keys"]["tables"] == stored


def test_nothing_is_computed_again(told: list[dict[str, Any]]) -> None:
    for one in told:
        assert one["unprepared"] == [], one["kernel"]
        assert one["rows"] is not None, one["kernel"]
        assert set(one["rows"]) == set(TABLES)
        assert one["rows"] == told[0]["rows"]


@pytest.mark.slow
def test_no_decision_hangs_on_the_last_bits(folder: Path, tmp_path: Path) -> None:
    """Ten minutes of four cameras: the same visitors and visits, and no number that visibly differs."""
    start_s = list_show_days(read_venue(folder))[-1][0] + 3 * 3600.0
    kernels = list_kernels()[:3]
    told = [
        run_on_kernel(kernel, "tests.support.computed_tables", folder, str(start_s), tmp_path / kernel)
        for kernel in kernels
    ]
    if told != kernels or len(kernels) < 3:
        pytest.skip("this processor, or this numpy, does not have three kernels")
    for name in TABLES:
        first, *others = (pd.read_pickle(tmp_path / kernel / f"{name}.pickle") for kernel in kernels)
        for other in others:
            pd.testing.assert_frame_equal(first, other, rtol=1e-7, atol=1e-7, obj=name)


@pytest.mark.parametrize("kernel", list_kernels())
def test_tall_matrices_are_multiplied(kernel: str) -> None:
    """numpy 2.5.2 to 2.5.5 end here with a segmentation fault on Haswell."""
    assert run_on_kernel(kernel, "tests.support.large_product") == pytest.approx(2000.0)
