"""Effects of events where some zones are seen and others are not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analytics.domain.timed_event import EventKind, TimedEvent
from app.timeline.timeline_figures import EffectVerdict
from app.timeline.timeline_view import measure_effects

START_S = 1_790_000_040.0
TALK = TimedEvent("Talk", START_S + 1800, START_S + 3600, "Stage", EventKind.TALK)


def make_minutes(zone: str, people: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pd.DataFrame:
    at = START_S + 60.0 * np.arange(len(people))
    return pd.DataFrame(
        {"zone": zone, "start_s": at, "person_seconds": 60.0 * people, "observed_s": 60.0 + 0.0 * at}
    )


def test_a_zone_that_nobody_sees_does_not_hide_the_others() -> None:
    random = np.random.default_rng(1)
    during = np.repeat([0.0, 1.0, 0.0], 30)
    parts = [
        make_minutes("", random.normal(50, 2, 90)),
        make_minutes("Stage", random.normal(8, 0.5, 90) + 12 * during),
        make_minutes("Café", random.normal(20, 1, 90)),
    ]
    zones = [SimpleNamespace(name=name) for name in ("Stage", "Café", "Behind the wall")]
    facts = SimpleNamespace(tables={"minutes": pd.concat(parts, ignore_index=True)}, zones=zones)
    (effects,) = measure_effects(facts, (TALK,), (TALK,))  # type: ignore[arg-type]
    found = {zone.zone: zone for zone in effects.zones}
    assert found["Stage"].verdict is EffectVerdict.FULLER
    assert found["Stage"].ratio == pytest.approx(2.5, rel=0.1)
    unseen = found["Behind the wall"]
    assert (unseen.before, unseen.during, unseen.verdict) == (None, None, EffectVerdict.TOO_LITTLE)
