"""Sums over equal steps of the UTC clock, such that every block of a period consists of whole steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.arrays import FloatArray

STEP_S = 300.0
MINUTE_S = 60.0


def find_steps(at_s: FloatArray, *, start_utc_s: float, step_s: float = STEP_S) -> FloatArray:
    """Return the start of each moment's clock step, both in seconds from a stretch's start.

    A step that began before the stretch is taken to begin with it, so that counts from there on include it.
    """
    begin_s = np.floor((at_s + start_utc_s) / step_s) * step_s - start_utc_s
    return np.asarray(np.maximum(begin_s, 0.0), np.float64)


def add_up_steps(
    names: npt.NDArray[np.object_],
    start_s: FloatArray,
    sums: Mapping[str, FloatArray],
    *,
    named: str = "zone",
) -> pd.DataFrame:
    """Sum values by name and step: columns ``named``, ``start_s`` and those of ``sums``; no empty rows.

    Args:
        names: of zones or lines, shape (n,).
        start_s: of ``find_steps``, shape (n,).
        sums: values to sum, each of shape (n,).
    """
    table = pd.DataFrame({named: names, "start_s": start_s, **sums})
    added = table.groupby([named, "start_s"], as_index=False, sort=True).sum()
    return added.astype({named: "str", "start_s": "float64"} | dict.fromkeys(sums, "float64"))


def add_up_rows(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Merge tables of the same names and steps by adding their values; missing values are 0."""
    joined = pd.concat(tables, ignore_index=True).fillna(0.0)
    sums = [name for name in joined.columns if name not in ("zone", "start_s")]
    added = joined.groupby(["zone", "start_s"], as_index=False, sort=True)[sums].sum()
    return added.astype({"zone": "str", "start_s": "float64"} | dict.fromkeys(sums, "float64"))
