"""What every test has: a home of its own, silence in the log, and a word about missing footage."""

from __future__ import annotations

import gc
import hashlib
import importlib.util
import logging
import os
import pickle
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.facts import identified_period
from app.facts.identified_period import IdentifiedPeriod
from app.gui.window.startup import collect_garbage_if_due
from tests.support.servers.postgres_server import PostgresServer, run_postgres

# the application of Qt is made before any fixture of a test
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# workers occupy every processor: more threads for small matrices only wait for each other, busily
for threads_of in ("OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(threads_of, "1")
# workers and the processes that they start compile our modules once, not each of them anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

PROJECT = Path(__file__).parents[1]
OUR_PACKAGES = ("app", "vision", "analytics", "resources", "tools")


def find_footage() -> Path:
    return Path(os.environ.get("EXPOFLOW_FOOTAGE", PROJECT.parent / "shared" / "footage"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    footage = find_footage()
    for item in items:
        if {"qapp", "qtbot"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("gui")
        if item.get_closest_marker("footage") and not footage.is_dir():
            item.add_marker(pytest.mark.skip(reason=f"no real footage at {footage}; set EXPOFLOW_FOOTAGE"))
        if item.get_closest_marker("torch") and importlib.util.find_spec("ultralytics") is None:
            item.add_marker(pytest.mark.skip(reason="ultralytics and torch are not installed"))


@pytest.fixture(scope="session")
def footage() -> Path:
    """The folder of real clips and weights; only for tests marked ``footage``."""
    return find_footage()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL server, each test with a database of its own."""
    with run_postgres() as server:
        yield server


def pytest_configure() -> None:
    # as the window does: objects of Qt that a worker's collection freed crashed a later test
    gc.disable()


@pytest.fixture(scope="session", autouse=True)
def identified_once() -> Iterator[None]:
    """Visitors are identified once in equal tracks, which many tests have in a folder of their own."""
    known: dict[bytes, IdentifiedPeriod] = {}
    identify = identified_period.identify_period

    def find_or_identify(**arguments: Any) -> IdentifiedPeriod:
        key = hashlib.sha256(pickle.dumps(arguments)).digest()
        if key not in known:
            known[key] = identify(**arguments)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identified_period, "identify_period", find_or_identify)
        yield


@pytest.fixture(autouse=True)
def painting_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """What prints without a window starts Qt for good, and a later test of this process may need a window."""
    if importlib.util.find_spec("PySide6") is not None:
        from PySide6.QtWidgets import QApplication

        from app.print import pdf_file

        monkeypatch.setattr(pdf_file, "QGuiApplication", QApplication)


@pytest.fixture(autouse=True)
def garbage_collection() -> Iterator[None]:
    """Frees cycles between tests, on the thread that Qt's objects belong to."""
    yield
    collect_garbage_if_due()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, models and logs of this test alone."""
    folder = tmp_path / "expoflow-home"
    monkeypatch.setenv("EXPOFLOW_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def window_guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """For tests with Qt: our fonts, English, light colours and metres before, nothing left behind after."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from app.gui.session.theme import LIGHT, current_theme, install_theme
    from app.gui.session.translation import current_language, install_language
    from app.gui.session.units import METRIC, install_units
    from app.print.fonts import load_fonts
    from tests.support.windows.qt_leak_guard import find_leaks, take_inventory

    qapp = request.getfixturevalue("qapp")
    if not qapp.property("expoflow_fonts"):
        load_fonts()
        install_theme(qapp, LIGHT)
        qapp.setProperty("expoflow_fonts", True)
    before = take_inventory()
    yield
    if current_language() != "en":
        install_language(qapp, "en")
    if current_theme() is not LIGHT:
        install_theme(qapp, LIGHT)
    install_units(qapp, METRIC.name)
    leaks = find_leaks(before)
    assert not leaks, f"the test left behind: {leaks}"


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
