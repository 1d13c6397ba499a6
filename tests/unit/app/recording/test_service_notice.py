"""A service manager hears that the service is ready, lives and stops."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from app.recording.record_venue import ServiceNotifier
from tests.support.halls.live_venue import FrozenClock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd is Linux's")


def test_a_manager_hears_of_readiness_and_of_life_in_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        clock = FrozenClock(0.0)
        notice = ServiceNotifier(
            {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"}, clock=clock
        )
        notice.notify_ready("recording Fair")
        notice.notify_ready("recording Fair")
        for now_s in (0.0, 5.0, 9.9, 10.0, 19.9, 20.1):
            clock.now_s = now_s
            notice.notify_alive()
        notice.notify_stopping()
        heard = [manager.recv(4096).decode() for _message in range(5)]
        with pytest.raises(BlockingIOError):
            manager.recv(4096)
    assert heard == ["READY=1\nSTATUS=recording Fair", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


def test_without_a_manager_nothing_is_said() -> None:
    notice = ServiceNotifier({})
    notice.notify_ready("")
    notice.notify_alive()
    notice.notify_stopping()
