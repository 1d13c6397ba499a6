"""What an operation changed, so that whoever shows it knows what to read again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The parts of a venue that differ from before.

    Attributes:
        events: what was observed: track points, spans, gaps, the log.
        settings: the venue's or this machine's settings.
        corrections: what somebody decided about the tracks.
    """

    cameras: bool = False
    zones: bool = False
    plan: bool = False
    events: bool = False
    settings: bool = False
    corrections: bool = False

    def __bool__(self) -> bool:
        return any((self.cameras, self.zones, self.plan, self.events, self.settings, self.corrections))
