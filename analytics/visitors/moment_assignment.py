"""Who of one camera is who of another at every moment, where nobody is two people.

A pair of tracklets may be likely, and yet each of the two have a likelier partner, or leave somebody without
one. At every second the partners are chosen together, so that the sum of their evidence is the largest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analytics.visitors.tracklet_pairs import TrackletSamples

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

EVERY_STEPS = 2
"""Partners are chosen once a second."""
LEAST_SHARE = 0.5
"""Of the moments at which both exist."""


def find_chosen(samples: TrackletSamples, *, a: IntArray, b: IntArray, evidence: FloatArray) -> BoolArray:
    """Which pairs of pieces are partners for most of the time in which both exist, shape (pairs,).

    Args:
        a, b: of two cameras, shape (pairs,).
        evidence: log ratio of one person to two; who has none above 0 is nobody's partner.
    """
    pair, step = _list_moments(samples, a, b, np.flatnonzero(evidence > 0))
    if not len(pair):
        return np.zeros(len(a), bool)
    pieces = len(samples.first_step)
    code = np.append(step * pieces + a[pair], step * pieces + b[pair])
    _, node = np.unique(code, return_inverse=True)
    one, other = node[: len(pair)], node[len(pair) :]
    graph = coo_array((np.ones(len(pair)), (one, other)), shape=(int(node.max()) + 1,) * 2)
    _, component = connected_components(graph, directed=False)
    order = np.lexsort((pair, component[one]))
    pair, component = pair[order], component[one][order]
    borders = np.flatnonzero(np.append(True, np.diff(component) != 0))
    sizes = np.diff(np.append(borders, len(pair)))
    won = np.bincount(pair[borders[sizes == 1]], minlength=len(a))
    known: dict[bytes, IntArray] = {}
    contested = np.flatnonzero(sizes > 1)
    for begin, size in zip(borders[contested].tolist(), sizes[contested].tolist(), strict=True):
        rivals = pair[begin : begin + size]
        winners = known.get(key := rivals.tobytes())
        if winners is None:
            winners = known[key] = _choose(rivals, a[rivals], b[rivals], evidence[rivals])
        won[winners] += 1
    return np.asarray((won > 0) & (won >= LEAST_SHARE * np.bincount(pair, minlength=len(a))), np.bool_)


def _list_moments(
    samples: TrackletSamples, a: IntArray, b: IntArray, chosen: IntArray
) -> tuple[IntArray, IntArray]:
    """The moments at which both pieces of each chosen pair exist: pair and number of the moment."""
    length = np.diff(samples.offset)
    a, b = a[chosen], b[chosen]
    begin = np.maximum(samples.first_step[a], samples.first_step[b])
    end = np.minimum(samples.first_step[a] + length[a], samples.first_step[b] + length[b])
    first = -(-begin // EVERY_STEPS)
    count = np.maximum((end - 1) // EVERY_STEPS + 1 - first, 0)
    place = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(chosen, count), place + np.repeat(first, count)


def _choose(rivals: IntArray, a: IntArray, b: IntArray, evidence: FloatArray) -> IntArray:
    """Those of the rivals that hold together."""
    _, row = np.unique(a, return_inverse=True)
    _, column = np.unique(b, return_inverse=True)
    gains = np.zeros((int(row.max()) + 1, int(column.max()) + 1))
    gains[row, column] = evidence
    chosen = np.zeros(gains.shape, bool)
    chosen[linear_sum_assignment(gains, maximize=True)] = True
    return rivals[chosen[row, column]]
