"""The parts of a venue that an operation changed, so that views can reload them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The parts of a venue that changed.

    Attributes:
        events: observations: track points, spans, gaps, the log.
        plan: the hall, its obstacles and picture, and the opening hours.
        settings: the venue's or this machine's settings.
        events_from_utc_s: observations before this time are unchanged; None: any may differ.
        corrections: manual decisions about tracks.
        planned_cameras: cameras not yet installed.
        targets: capacities and alarm rules.
    """

    cameras: bool = False
    zones: bool = False
    plan: bool = False
    events: bool = False
    settings: bool = False
    corrections: bool = False
    events_from_utc_s: float | None = None
    planned_cameras: bool = False
    targets: bool = False

    def __bool__(self) -> bool:
        return any(
            (
                self.cameras,
                self.zones,
                self.plan,
                self.events,
                self.settings,
                self.corrections,
                self.planned_cameras,
                self.targets,
            )
        )

    def concerns(self, period: tuple[float, float] | None) -> bool:
        """Return whether observations of a period may have changed; None is the live period."""
        since_s = self.events_from_utc_s
        return self.events and (period is None or since_s is None or period[1] > since_s)
