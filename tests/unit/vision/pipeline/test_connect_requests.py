"""Who is told that a camera is to be connected again, and that a process that waits is started now."""

from __future__ import annotations

from analytics.domain.identifiers import CameraId
from vision.pipeline.messages import ConnectAgain
from vision.pipeline.supervisor import ConnectRequests, ProcessUnit


class Listening:
    def __init__(self) -> None:
        self.heard: list[object] = []

    def send(self, message: object) -> None:
        self.heard.append(message)


def test_the_process_of_the_camera_is_told_once() -> None:
    requests = ConnectRequests()
    first, second = Listening(), Listening()
    units = [
        ProcessUnit("first", (CameraId("a"), CameraId("b")), start_at_s=0.0, process=first),  # type: ignore[arg-type]
        ProcessUnit("second", (CameraId("c"),), start_at_s=0.0, process=second),  # type: ignore[arg-type]
    ]
    requests.add("b")
    requests.add("nobody")
    requests.forward(units, now_s=5.0)
    requests.forward(units, now_s=6.0)
    assert first.heard == [ConnectAgain("b")]
    assert second.heard == []


def test_a_camera_that_was_set_aside_is_read_now() -> None:
    requests = ConnectRequests()
    set_aside, done = (ProcessUnit("a", (CameraId("a"),), start_at_s=at_s) for at_s in (900.0, None))
    requests.add("a")
    requests.forward([set_aside, done], now_s=5.0)
    assert set_aside.start_at_s == 5.0
    assert done.start_at_s is None
