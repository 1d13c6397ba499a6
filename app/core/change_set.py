"""What an operation changed, so that whoever shows it knows what to read again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The parts of a venue that differ from before.

    Attributes:
        events: what was observed: track points, spans, gaps, the log.
        settings: the venue's or this machine's settings.
        events_from_utc_s: what was observed before this moment is as it was; None: any of it may differ.
        corrections: what somebody decided about the tracks.
        planned_cameras: those that are not there yet.
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
        """Whether what was observed in a period may differ; None is the period that ends now."""
        since_s = self.events_from_utc_s
        return self.events and (period is None or since_s is None or period[1] > since_s)
