"""What an operation changed, so that whoever shows it knows what to read again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The parts of a venue that differ from before.

    Attributes:
        events: what was observed: track points, spans, gaps, the log.
        settings: the venue's or this machine's settings.
    """

    cameras: bool = False
    zones: bool = False
    plan: bool = False
    events: bool = False
    settings: bool = False

    def __bool__(self) -> bool:
        return self.cameras or self.zones or self.plan or self.events or self.settings
