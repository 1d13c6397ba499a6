from __future__ import annotations

from app.gui.session.period_figures import REST_FACTOR, RefreshPace


def test_the_first_is_due_at_once_and_the_next_after_a_rest_as_long_as_the_work_was() -> None:
    now_s = [100.0]
    pace = RefreshPace(lambda: now_s[0])
    assert pace.is_due()
    pace.begin()
    now_s[0] += 3.0
    pace.end()
    assert not pace.is_due()
    now_s[0] += REST_FACTOR * 3.0 - 0.1
    assert not pace.is_due()
    now_s[0] += 0.2
    assert pace.is_due()
