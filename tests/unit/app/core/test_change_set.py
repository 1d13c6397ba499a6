from __future__ import annotations

from app.core.change_set import ChangeSet


def test_a_history_that_grows_concerns_what_is_not_over_before_it_began_to_grow() -> None:
    grown = ChangeSet(events=True, events_from_utc_s=1000.0)
    assert grown.concerns(None)
    assert grown.concerns((0.0, 1000.5))
    assert not grown.concerns((0.0, 1000.0))


def test_other_changes_of_the_history_concern_every_period_and_other_changes_none() -> None:
    assert ChangeSet(events=True).concerns((0.0, 1.0))
    assert not ChangeSet(zones=True).concerns(None)
