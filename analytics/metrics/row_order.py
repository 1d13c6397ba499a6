"""Stable orders of many rows by small whole numbers, several times as quick as by comparing them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.arrays import IntArray

SPARSEST = 4
"""Numbers are looked up in a table of at most so many places for each of them."""


def order_by_number(number: IntArray, *, count: int) -> IntArray:
    """A stable order of rows by numbers from 0 to below ``count``, shape (n,).

    By 16 bits at a time: of such numbers numpy makes a radix sort.
    """
    order = np.argsort(number.astype(np.uint16), kind="stable")
    for shift in range(16, (count - 1).bit_length(), 16):
        order = order[np.argsort((number >> shift).astype(np.uint16)[order], kind="stable")]
    return order.astype(np.int64, copy=False)


def number_in_order(values: IntArray) -> tuple[IntArray, IntArray]:
    """The place of each value among the distinct ones, which ascend, and those.

    As ``np.unique`` with ``return_inverse``; by a table where the values are dense, without sorting.
    """
    lowest = int(values.min()) if len(values) else 0
    span = int(values.max()) - lowest + 1 if len(values) else 0
    if span > SPARSEST * len(values):
        place, distinct = pd.factorize(values, sort=True)
        return place.astype(np.int64, copy=False), np.asarray(distinct, np.int64)
    offset = values - lowest
    is_there = np.zeros(span, bool)
    is_there[offset] = True
    return (np.cumsum(is_there) - 1)[offset], np.flatnonzero(is_there) + lowest
