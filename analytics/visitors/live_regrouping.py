"""Who is who among those whom three or more cameras see now, found out anew again and again.

What was decided once is wrong as soon as one camera's tracklet goes over to somebody else, and with every
camera there are more of these: whoever that tracklet left would be somebody new beside themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from analytics.visitors.live_tracklets import LiveTracklet
from analytics.visitors.overlap_grouping import PairEvidence, group_pairs
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import OverlapSettings

IntArray = npt.NDArray[np.int64]

STAYS_LOG_RATIO = 3.0
"""Two tracklets that were one visitor are so much rather one."""
PARTS_AFTER_LOOKS = 4
"""One visitor becomes two once they were found to be for so many looks in a row."""


class LiveRegrouping:
    """Groups tracklets, and gives each group the number that most of it had."""

    def __init__(self, settings: OverlapSettings) -> None:
        self._settings = settings
        self._looks: dict[int, int] = {}

    def find_visitors(
        self, tracklets: Sequence[LiveTracklet], rows: TrackletRows, found: PairEvidence, *, next_visitor: int
    ) -> list[int]:
        """Visitor of each tracklet, from ``next_visitor`` on where somebody is new.

        Args:
            tracklets: that have a visitor; ``rows`` are their latest samples, in the same order.
            found: pairs of different cameras among them.
        """
        own = np.array([tracklet.visitor for tracklet in tracklets], np.int64)
        stays = STAYS_LOG_RATIO * (own[found.pairs.a] == own[found.pairs.b])
        found = replace(found, log_ratio=found.log_ratio + stays)
        label = group_pairs(rows, [found], settings=self._settings).label
        visitors, visitor = np.unique(own, return_inverse=True)
        groups, group = np.unique(label, return_inverse=True)
        shared = np.zeros((len(groups), len(visitors)), np.int64)
        np.add.at(shared, (group, visitor), 1)
        number = np.zeros(len(groups), np.int64)
        kept, of = linear_sum_assignment(shared, maximize=True)
        is_shared = shared[kept, of] > 0
        number[kept[is_shared]] = visitors[of[is_shared]]
        self._number_parted(number, shared, visitors, next_visitor)
        return [int(each) for each in number[group]]

    def _number_parted(
        self, number: IntArray, shared: IntArray, visitors: IntArray, next_visitor: int
    ) -> None:
        """Write the numbers of the groups that have none, which are 0."""
        looks: dict[int, int] = {}
        for group in np.flatnonzero(number == 0).tolist():
            before = visitors[shared[group] > 0].tolist()
            if len(before) == 1:
                looks[before[0]] = self._looks.get(before[0], 0) + 1
                if looks[before[0]] < PARTS_AFTER_LOOKS:
                    number[group] = before[0]
                    continue
            number[group] = next_visitor
            next_visitor += 1
        self._looks = looks
