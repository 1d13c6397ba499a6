"""Publishers do not delay or end each other; failures are counted and reported."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.serving import Serving
from tests.conftest import LogGuard
from tests.support.waiting import wait_until


class FakePublisher:
    """A publisher that records snapshots and runs a given action."""

    def __init__(self, name: str, act: Callable[[HallSnapshot], None] = lambda _snapshot: None) -> None:
        self.name, self._act = name, act
        self.published: list[float] = []
        self.is_closed = False

    def publish(self, snapshot: HallSnapshot) -> None:
        self._act(snapshot)
        self.published.append(snapshot.at_utc_s)

    def close(self) -> None:
        self.is_closed = True


def test_failing_and_hanging_publishers_do_not_affect_the_others(log_guard: LogGuard) -> None:
    log_guard.expect("failing: Unexpected error: RuntimeError: no broker")
    log_guard.expect("No snapshot: Unexpected error: OSError: gone")
    gate, calls = threading.Event(), [0]

    def fail(_snapshot: HallSnapshot) -> None:
        raise RuntimeError("no broker")

    def take_snapshot() -> HallSnapshot:
        calls[0] += 1
        if calls[0] == 2:
            raise OSError("gone")
        return HallSnapshot("hall", float(calls[0]))

    failing, hanging, fine = (
        FakePublisher("failing", fail),
        FakePublisher("hanging", lambda _s: gate.wait(10.0)),
        FakePublisher("fine"),
    )
    serving = Serving(take_snapshot=take_snapshot, publishers=[failing, hanging, fine], interval_s=0.01)
    stop = threading.Event()
    thread = threading.Thread(target=serving.run, args=(stop,))
    thread.start()
    wait_until(lambda: len(fine.published) >= 5)
    states = {state.name: state for state in serving.states}
    assert fine.published[:3] == [1.0, 3.0, 4.0]
    assert states["failing"].failed >= 2
    assert states["failing"].failure is not None
    assert states["hanging"].published == 0
    assert states["fine"].failure is None
    gate.set()
    wait_until(lambda: len(hanging.published) >= 2)
    # the newest, not all that were missed
    assert hanging.published[1] >= 5.0
    assert {state.name: state.skipped for state in serving.states}["hanging"] >= 2
    stop.set()
    thread.join(10.0)
    assert not thread.is_alive()
    assert all(publisher.is_closed for publisher in (failing, hanging, fine))
