"""Stable sorting of many rows by small integers, several times as fast as by comparison."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.arrays import IntArray

MAX_TABLE_RATIO = 4
"""Maximum size of a lookup table relative to the number of values."""


def order_by_number(number: IntArray, *, count: int) -> IntArray:
    """Return a stable order of rows by numbers from 0 to below ``count``, shape (n,).

    Sorts 16 bits at a time, for which numpy uses a radix sort.
    """
    order = np.argsort(number.astype(np.uint16), kind="stable")
    for shift in range(16, (count - 1).bit_length(), 16):
        order = order[np.argsort((number >> shift).astype(np.uint16)[order], kind="stable")]
    return order.astype(np.int64, copy=False)


def number_in_order(values: IntArray) -> tuple[IntArray, IntArray]:
    """Return the index of each value among the distinct ones, and the distinct ones, ascending.

    Equivalent to ``np.unique`` with ``return_inverse``; by a table if the values are dense, without sorting.
    """
    lowest = int(values.min()) if len(values) else 0
    span = int(values.max()) - lowest + 1 if len(values) else 0
    if span > MAX_TABLE_RATIO * len(values):
        place, distinct = pd.factorize(values, sort=True)
        return place.astype(np.int64, copy=False), np.asarray(distinct, np.int64)
    offset = values - lowest
    is_there = np.zeros(span, bool)
    is_there[offset] = True
    return (np.cumsum(is_there) - 1)[offset], np.flatnonzero(is_there) + lowest
