"""The guard over the log can fail a test."""

from __future__ import annotations

import logging

from tests.conftest import LogGuard


def test_an_unannounced_warning_is_kept_as_unexpected() -> None:
    guard = LogGuard()
    guard.expect("door .* closed")
    for message in ("door A closed", "door A burning"):
        guard.handle(logging.LogRecord("app.venue", logging.WARNING, __file__, 1, message, None, None))
    assert guard.expected == ["app.venue: door A closed"]
    assert guard.unexpected == ["app.venue: door A burning"]


def test_other_libraries_may_warn() -> None:
    guard = LogGuard()
    guard.handle(logging.LogRecord("PIL", logging.WARNING, __file__, 1, "noise", None, None))
    assert not guard.unexpected
