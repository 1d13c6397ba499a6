from __future__ import annotations

import itertools

import numpy as np
import pytest

from analytics.visitors import link_assignment
from analytics.visitors.link_assignment import are_found, choose_links, compute_link_probabilities


def enumerate_assignments(
    end: np.ndarray, beginning: np.ndarray, log_ratio: np.ndarray
) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return exact marginals and the best assignment by enumerating all assignments."""
    total, best, best_links = 0.0, -np.inf, ()
    marginal = np.zeros(len(end))
    for size in range(len(end) + 1):
        for links in itertools.combinations(range(len(end)), size):
            chosen = list(links)
            if len(set(end[chosen])) < size or len(set(beginning[chosen])) < size:
                continue
            weight = float(np.exp(log_ratio[chosen].sum()))
            total += weight
            marginal[chosen] += weight
            if log_ratio[chosen].sum() > best:
                best, best_links = log_ratio[chosen].sum(), links
    return marginal / total, best_links


def test_probabilities_without_a_loop_are_exact() -> None:
    end, beginning = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    log_ratio = np.array([1.0, 2.0, 0.5, -1.0])
    exact, _ = enumerate_assignments(end, beginning, log_ratio)
    found = compute_link_probabilities(
        end=end, beginning=beginning, log_ratio=log_ratio, ends=3, beginnings=3
    )
    assert found == pytest.approx(exact, abs=1e-6)


def test_probabilities_with_loops_are_near() -> None:
    rng = np.random.default_rng(4)
    end, beginning = (axis.ravel() for axis in np.meshgrid(np.arange(3), np.arange(3), indexing="ij"))
    log_ratio = rng.normal(0, 2, 9)
    exact, _ = enumerate_assignments(end, beginning, log_ratio)
    found = compute_link_probabilities(
        end=end, beginning=beginning, log_ratio=log_ratio, ends=3, beginnings=3
    )
    assert found == pytest.approx(exact, abs=0.1)


def test_huge_and_tiny_ratios_are_numbers() -> None:
    end, beginning = np.array([0, 0, 1]), np.array([0, 1, 1])
    found = compute_link_probabilities(
        end=end, beginning=beginning, log_ratio=np.array([900.0, -900.0, 5.0]), ends=2, beginnings=2
    )
    assert found[0] == pytest.approx(1.0)
    assert found[1] == pytest.approx(0.0)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("dense_cells", [250_000, 0])
def test_the_best_assignment_is_found(monkeypatch: pytest.MonkeyPatch, dense_cells: int) -> None:
    monkeypatch.setattr(link_assignment, "MAX_DENSE_CELLS", dense_cells)
    rng = np.random.default_rng(7)
    for _ in range(20):
        pairs = np.array([(i, j) for i in range(4) for j in range(4) if rng.random() < 0.6])
        gain = rng.normal(0.5, 1.0, len(pairs))
        end, beginning = pairs[:, 0], pairs[:, 1]
        chosen = choose_links(end=end, beginning=beginning, gain=gain, ends=4, beginnings=4)
        _, best = enumerate_assignments(end, beginning, gain)
        assert gain[chosen].sum() == pytest.approx(gain[list(best)].sum())


def test_ambiguous_pairs_count_as_found() -> None:
    found = are_found(
        end=np.array([0, 0, 1, 1, 2]),
        beginning=np.array([0, 1, 0, 1, 2]),
        probability=np.array([0.45, 0.45, 0.45, 0.45, 0.45]),
        ends=3,
        beginnings=3,
        least=0.5,
    )
    assert found.tolist() == [True, True, True, True, False]


def test_one_of_two_rivals_for_one_beginning_is_not_found_for_the_other() -> None:
    found = are_found(
        end=np.array([0, 1]),
        beginning=np.array([0, 0]),
        probability=np.array([0.55, 0.4]),
        ends=2,
        beginnings=1,
        least=0.5,
    )
    assert found.tolist() == [True, False]
