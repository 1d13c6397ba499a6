"""Random names of visitors for what leaves the analysis: a file, a list in the window.

Within the analysis a visitor is a number of one day in the order of appearance, so that the same tracks
give the same numbers. Outside of it that number would tell who came before whom, and be the same in every
file. So there a visitor has the keyed hash of it (BLAKE2b): without the key nobody can say which name is
which, and the key is drawn for one export or one list, is in memory alone and goes with it. Who is who in two
files can then be told by times and places alone, as far as both tell them.

A name holds within one day by the venue's clock, and ends at closing time where opening hours are set.
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
"""Two of the ten million visitors of a file would have the same name in one file of 300,000."""
_NUMBER_BITS = 53
"""What every reader keeps exactly, also of floating-point numbers; of 100,000 two are the same in one file of
a million."""


class VisitorNames:
    """The names of one file or list, or of several that belong together.

    Args:
        closings_utc_s: moments at which names end, seconds since the epoch, ascending.
        key: for tests; None: a new one.
    """

    def __init__(self, closings_utc_s: Sequence[float] = (), *, key: bytes | None = None) -> None:
        self._closings_utc_s = np.array(closings_utc_s, np.float64)
        self._key = secrets.token_bytes(KEY_BYTES) if key is None else key

    def name(self, visitors: pd.Series, at_utc_s: FloatArray, *, stretch_start_utc_s: float) -> pd.Series:
        """Names of 16 hexadecimal digits.

        Args:
            visitors: numbers of one stretch of a day.
            at_utc_s: when each was seen or began what is told of it, shape (visitors,), seconds since the
                epoch.
            stretch_start_utc_s: of the stretch that numbered them.
        """
        digests, which = self._digest("visitor", visitors, at_utc_s, stretch_start_utc_s)
        return pd.Series(np.array([one.hex() for one in digests], object)[which], visitors.index, dtype="str")

    def number(self, visitors: pd.Series, at_utc_s: FloatArray, *, stretch_start_utc_s: float) -> pd.Series:
        """The same as numbers from 0 to 2⁵³, for files whose format asks for numbers."""
        return self._number("visitor", visitors, at_utc_s, stretch_start_utc_s)

    def number_tracklets(self, tracklets: pd.Series) -> pd.Series:
        """Numbers for pieces of tracks, by those that they have in the period; likewise from 0 to 2⁵³."""
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
        """The hash of each of them, once, and which of these each row has."""
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
