"""Assignment of links between ends and beginnings, each used at most once."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

from analytics.domain.arrays import BoolArray, FloatArray, IntArray

ROUNDS = 25
"""Number of rounds in which messages converge to about a thousandth."""
MAX_LOG_RATIO = 30.0
MAX_DENSE_CELLS = 250_000
"""Components with more cells are solved as sparse matrices."""


def compute_link_probabilities(
    *, end: IntArray, beginning: IntArray, log_ratio: FloatArray, ends: int, beginnings: int
) -> FloatArray:
    """Return the probability of each possible link if every end and every beginning has one link or none.

    Marginals of the assignment by sum-product messages (Williams and Lau, Approximate evaluation of marginal
    association probabilities with belief propagation, IEEE Trans. AES 50, 2014); exact without loops.

    Args:
        end, beginning: of each possible link, shape (links,).
        log_ratio: of its likelihood to that of "neither is linked", shape (links,).
        ends, beginnings: number of each.
    """
    ratio = np.exp(np.clip(log_ratio, -MAX_LOG_RATIO, MAX_LOG_RATIO))
    to_end = np.ones(len(ratio))
    to_beginning = ratio
    for _ in range(ROUNDS):
        weighted = ratio * to_end
        to_beginning = ratio / (1.0 + np.maximum(np.bincount(end, weighted, ends)[end] - weighted, 0.0))
        others = np.bincount(beginning, to_beginning, beginnings)[beginning] - to_beginning
        to_end = 1.0 / (1.0 + np.maximum(others, 0.0))
    weighted = ratio * to_end
    return np.asarray(weighted / (1.0 + np.bincount(end, weighted, ends)[end]), np.float64)


def are_found(
    *, end: IntArray, beginning: IntArray, probability: FloatArray, ends: int, beginnings: int, least: float
) -> BoolArray:
    """Return links between an end and a beginning that each have some link with at least this probability.

    Two people who are lost beside each other are surely found in the two who begin there. Counting four
    people instead of two only because their identities are unsure would help no one.
    """
    goes_on = np.bincount(end, probability, ends)[end]
    comes_from = np.bincount(beginning, probability, beginnings)[beginning]
    return np.asarray(np.minimum(goes_on, comes_from) >= least, bool)


def choose_links(
    *, end: IntArray, beginning: IntArray, gain: FloatArray, ends: int, beginnings: int
) -> BoolArray:
    """Return the links of the assignment with the largest sum of gains, without links that have no gain.

    Components that share no end and no beginning are solved separately.
    """
    chosen = np.zeros(len(gain), bool)
    useful = np.flatnonzero(gain > 0)
    if not len(useful):
        return chosen
    row, column, value = end[useful], beginning[useful], gain[useful]
    graph = coo_array((np.ones(len(row)), (row, ends + column)), shape=(ends + beginnings,) * 2)
    _, label = connected_components(graph, directed=False)
    order = np.argsort(label[row], kind="stable")
    borders = np.flatnonzero(np.diff(label[row][order])) + 1
    for part in np.split(order, borders):
        if len(part) == 1:
            chosen[useful[part]] = True
            continue
        chosen[useful[part[_solve(row[part], column[part], value[part])]]] = True
    return chosen


def _solve(row: IntArray, column: IntArray, value: FloatArray) -> IntArray:
    """Return the indices of the chosen links of one component."""
    rows, row = np.unique(row, return_inverse=True)
    columns, column = np.unique(column, return_inverse=True)
    if len(rows) * len(columns) <= MAX_DENSE_CELLS:
        gains = np.zeros((len(rows), len(columns)))
        gains[row, column] = value
        picked = np.full(len(rows), -1)
        a, b = linear_sum_assignment(gains, maximize=True)
        picked[a] = b
        return np.flatnonzero(picked[row] == column)
    # every row may take a column of its own that stands for "none"; stored zeros would be lost
    count = len(rows)
    top = float(value.max()) + 1.0
    weights = csr_array(
        (
            np.append(top - value, np.full(count, top)),
            (np.append(row, np.arange(count)), np.append(column, len(columns) + np.arange(count))),
        ),
        shape=(count, len(columns) + count),
    )
    a, b = min_weight_full_bipartite_matching(weights)
    picked = np.full(count, -1)
    picked[a] = b
    return np.flatnonzero(picked[row] == column)
