"""No publisher holds or ends the others; whatever fails is counted and said."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.serving import Serving
from tests.conftest import LogGuard


class Told:
    """A publisher that does what a test says."""

    def __init__(self, name: str, act: Callable[[HallSnapshot], None] = lambda _snapshot: None) -> None:
        self.name, self._act = name, act
        self.told: list[float] = []
        self.is_closed = False

    def publish(self, snapshot: HallSnapshot) -> None:
        self._act(snapshot)
        self.told.append(snapshot.at_utc_s)

    def close(self) -> None:
        self.is_closed = True


def wait_for(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


def test_whatever_one_publisher_does_the_others_are_told(log_guard: LogGuard) -> None:
    log_guard.expect("failing: Something unexpected happened: RuntimeError: no broker")
    log_guard.expect("What is now cannot be told: Something unexpected happened: OSError: gone")
    gate, looks = threading.Event(), [0]

    def fail(_snapshot: HallSnapshot) -> None:
        raise RuntimeError("no broker")

    def look() -> HallSnapshot:
        looks[0] += 1
        if looks[0] == 2:
            raise OSError("gone")
        return HallSnapshot("hall", float(looks[0]))

    failing, hanging, fine = Told("failing", fail), Told("hanging", lambda _s: gate.wait(10.0)), Told("fine")
    serving = Serving(look=look, publishers=[failing, hanging, fine], every_s=0.01)
    stop = threading.Event()
    thread = threading.Thread(target=serving.run, args=(stop,))
    thread.start()
    wait_for(lambda: len(fine.told) >= 5)
    states = {state.name: state for state in serving.states}
    assert fine.told[:3] == [1.0, 3.0, 4.0]
    assert states["failing"].failed >= 2
    assert states["failing"].failure is not None
    assert states["hanging"].published == 0
    assert states["fine"].failure is None
    gate.set()
    wait_for(lambda: len(hanging.told) >= 2)
    # the newest, not all that it missed
    assert hanging.told[1] >= 5.0
    assert {state.name: state.skipped for state in serving.states}["hanging"] >= 2
    stop.set()
    thread.join(10.0)
    assert not thread.is_alive()
    assert all(publisher.is_closed for publisher in (failing, hanging, fine))
