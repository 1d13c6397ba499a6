"""What every test has: a home of its own, silence in the log, and a word about missing footage."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
OUR_PACKAGES = ("app", "vision", "analytics", "resources")


def find_footage() -> Path:
    return Path(os.environ.get("EXPOFLOW_FOOTAGE", PROJECT.parent / "shared" / "footage"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    footage = find_footage()
    for item in items:
        if "qapp" in getattr(item, "fixturenames", ()):
            item.add_marker("gui")
        if item.get_closest_marker("footage") and not footage.is_dir():
            item.add_marker(pytest.mark.skip(reason=f"no real footage at {footage}; set EXPOFLOW_FOOTAGE"))
        if item.get_closest_marker("torch") and importlib.util.find_spec("ultralytics") is None:
            item.add_marker(pytest.mark.skip(reason="ultralytics and torch are not installed"))


@pytest.fixture(scope="session")
def footage() -> Path:
    """The folder of real clips and weights; only for tests marked ``footage``."""
    return find_footage()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, models and logs of this test alone."""
    folder = tmp_path / "expoflow-home"
    monkeypatch.setenv("EXPOFLOW_HOME", str(folder))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return folder


class LogGuard(logging.Handler):
    """Collects warnings of our own loggers; those that a test did not announce fail it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.unexpected: list[str] = []
        self.expected: list[str] = []
        self._patterns: list[str] = []

    def expect(self, pattern: str) -> None:
        """Announce warnings whose message matches a regular expression."""
        self._patterns.append(pattern)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] not in OUR_PACKAGES:
            return
        message = record.getMessage()
        is_expected = any(re.search(pattern, message) for pattern in self._patterns)
        (self.expected if is_expected else self.unexpected).append(f"{record.name}: {message}")


@pytest.fixture(autouse=True)
def log_guard() -> Iterator[LogGuard]:
    """Fails a test that logged a warning without having announced it by ``log_guard.expect``."""
    guard = LogGuard()
    logging.getLogger().addHandler(guard)
    yield guard
    logging.getLogger().removeHandler(guard)
    assert not guard.unexpected, f"unexpected warnings in the log: {guard.unexpected}"
