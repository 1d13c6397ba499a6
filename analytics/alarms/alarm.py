"""An alarm as it was raised, acknowledged and cleared."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.zone_targets import AlarmMeasure


@dataclass(frozen=True, slots=True)
class AlarmKey:
    """What an alarm is about.

    Attributes:
        zone: empty for the whole hall.
        camera: of ``AlarmMeasure.CAMERA_DOWN``; else empty.
    """

    measure: AlarmMeasure
    zone: str = ""
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; times are seconds since the epoch.

    Attributes:
        level: that was exceeded, in the unit of the measure.
        worst: the largest value since it was raised, the seconds before included.
        acknowledged_utc_s: when somebody said that they know of it.
        cleared_utc_s: when it was over; None while it holds.
    """

    key: AlarmKey
    raised_utc_s: float
    level: float
    worst: float
    acknowledged_utc_s: float | None = None
    cleared_utc_s: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds."""
        return self.cleared_utc_s is None
