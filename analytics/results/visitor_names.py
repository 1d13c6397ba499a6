"""Random names that stand for visitors in a file or a list in the window.

Within the analysis a visitor is a number of one day in order of appearance, so that equal tracks give equal
numbers. Outside, these numbers would reveal the order of visitors and be the same in every file. There a
visitor is named by a keyed hash of the number (BLAKE2b): without the key a name cannot be attributed, and
the key is drawn for one export or list and kept only in memory. Visitors of two files can then be matched
only by times and places, as far as both contain them.

A name is valid within one local day, and ends at closing time if opening hours are set.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.arrays import FloatArray

KEY_BYTES = 32
_NAME_BYTES = 8
"""Length in bytes at which two of ten million visitors share a name in one file of 300,000."""
_NUMBER_BITS = 53
"""Bits that every reader keeps exactly, also as floating point; of 100,000 numbers two are equal in one file
of a million."""


class VisitorNames:
    """The names of one file or list, or of several that belong together.

    Args:
        closings_utc_s: times at which names end, seconds since the epoch, ascending.
        key: for tests; None: a new one.
    """

    def __init__(self, closings_utc_s: Sequence[float] = (), *, key: bytes | None = None) -> None:
        self._closings_utc_s = np.array(closings_utc_s, np.float64)
        self._key = secrets.token_bytes(KEY_BYTES) if key is None else key

    def name(self, visitors: pd.Series, at_utc_s: FloatArray, *, stretch_start_utc_s: float) -> pd.Series:
        """Return names of 16 hexadecimal digits.

        Args:
            visitors: numbers of one stretch of a day.
            at_utc_s: time of each visitor's observation or record, shape (visitors,), seconds since the
                epoch.
            stretch_start_utc_s: start of the stretch that numbered them.
        """
        digests, which = self._digest("visitor", visitors, at_utc_s, stretch_start_utc_s)
        return pd.Series(np.array([one.hex() for one in digests], object)[which], visitors.index, dtype="str")

    def number(self, visitors: pd.Series, at_utc_s: FloatArray, *, stretch_start_utc_s: float) -> pd.Series:
        """Return numbers from 0 to 2⁵³, for files whose format requires numbers."""
        return self._number("visitor", visitors, at_utc_s, stretch_start_utc_s)

    def number_tracklets(self, tracklets: pd.Series) -> pd.Series:
        """Return numbers from 0 to 2⁵³ for the numbers of tracklets in the period."""
        return self._number("tracklet", tracklets, np.zeros(len(tracklets)), 0.0)

    def _number(
        self, kind: str, numbers: pd.Series, at_utc_s: FloatArray, stretch_start_utc_s: float
    ) -> pd.Series:
        digests, which = self._digest(kind, numbers, at_utc_s, stretch_start_utc_s)
        short = [int.from_bytes(one, "big") >> (8 * _NAME_BYTES - _NUMBER_BITS) for one in digests]
        return pd.Series(np.array(short, np.int64)[which], numbers.index)

    def _digest(
        self, kind: str, numbers: pd.Series, at_utc_s: FloatArray, stretch_start_utc_s: float
    ) -> tuple[list[bytes], npt.NDArray[np.intp]]:
        """Return the hash of each distinct visitor, and the index of every row's."""
        session = np.searchsorted(self._closings_utc_s, at_utc_s, side="right")
        pairs = np.column_stack([numbers.to_numpy(np.int64), session.astype(np.int64)])
        known, which = np.unique(pairs, axis=0, return_inverse=True)
        stretch_us = round(stretch_start_utc_s * 1e6)
        digests = [
            hashlib.blake2b(
                f"{kind}:{stretch_us}:{number}:{part}".encode(), key=self._key, digest_size=_NAME_BYTES
            ).digest()
            for number, part in known.tolist()
        ]
        return digests, which.reshape(-1)
