"""Define alarms with their times of raising, acknowledgement and clearing."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.zone_targets import AlarmMeasure


@dataclass(frozen=True, slots=True)
class AlarmKey:
    """The subject of an alarm.

    Attributes:
        zone: name of the zone; empty for the whole hall.
        camera: name of the camera for ``AlarmMeasure.CAMERA_DOWN``, otherwise empty.
    """

    measure: AlarmMeasure
    zone: str = ""
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm; times are seconds since the epoch.

    Attributes:
        level: exceeded limit, in the unit of the measure.
        worst: largest value since the limit was exceeded.
        acknowledged_utc_s: time of acknowledgement.
        cleared_utc_s: end of the alarm; None while it is open.
    """

    key: AlarmKey
    raised_utc_s: float
    level: float
    worst: float
    acknowledged_utc_s: float | None = None
    cleared_utc_s: float | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the alarm has not been cleared."""
        return self.cleared_utc_s is None
