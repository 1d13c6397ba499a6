"""A job's context reports progress and carries the wish to stop."""

from __future__ import annotations

import pytest

from app.core.job import JobCancelled, JobContext


def test_a_checkpoint_reports_progress() -> None:
    reports: list[tuple[float, float]] = []
    JobContext(on_progress=lambda done, total: reports.append((done, total))).checkpoint(3, 10)
    assert reports == [(3, 10)]


def test_a_cancelled_job_ends_at_its_checkpoint_without_a_report() -> None:
    reports: list[float] = []
    context = JobContext(is_cancelled=lambda: True, on_progress=lambda done, _total: reports.append(done))
    with pytest.raises(JobCancelled):
        context.checkpoint(1, 2)
    assert context.is_cancelled
    assert not reports
