"""Every step of the elimination names code that exists, and nothing of it lasts."""

from __future__ import annotations

import pytest

from benchmarks.identity_steps import STEPS, Step, leave_out


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_is_left_out_for_as_long_as_wanted(step: Step) -> None:
    before = [vars(owner)[name] for owner, name, _ in step.changes]
    with leave_out(step):
        assert all(vars(owner)[name] is value for owner, name, value in step.changes)
    assert all(vars(owner)[name] is old for (owner, name, _), old in zip(step.changes, before, strict=True))
