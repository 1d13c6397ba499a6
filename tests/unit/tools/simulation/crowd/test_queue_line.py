from __future__ import annotations

import numpy as np

from tools.simulation.crowd.crowd_visitor import CrowdVisitor
from tools.simulation.crowd.queue_line import QueueLine

PLACES = tuple((float(i), 0.0) for i in range(4))


def make_queue(people: int) -> tuple[QueueLine, list[CrowdVisitor]]:
    queue = QueueLine(PLACES, np.random.default_rng(1))
    visitors = [CrowdVisitor(number, 0.0, 1.0, (9.0, 9.0)) for number in range(people)]
    for visitor in visitors:
        queue.join(visitor)
    return queue, visitors


def test_a_queue_advances_one_by_one() -> None:
    queue, (head, second, third) = make_queue(3)
    queue.leave(head)
    assert not queue.has(head)
    assert not queue.is_head(second)
    moved_at = {}
    for step in range(200):
        queue.advance()
        for visitor in (second, third):
            moved = queue.find_place(visitor) == PLACES[visitor.number - 1]
            if moved and visitor.number not in moved_at:
                moved_at[visitor.number] = step
    assert queue.is_head(second)
    assert 0 < moved_at[1] < moved_at[2]


def test_a_gap_in_the_queue_closes() -> None:
    queue, (head, second, third) = make_queue(3)
    queue.leave(second)
    for _ in range(200):
        queue.advance()
    assert queue.find_place(head) == PLACES[0]
    assert queue.find_place(third) == PLACES[1]
    assert queue.find_tail() == PLACES[2]
