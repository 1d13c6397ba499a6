"""Unfinished labels of one clip: one step per key or click, each of which can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analytics.domain.identifiers import LineId, ZoneId
from analytics.evaluation.clip_labels import (
    Clip,
    ClipLabels,
    CrossingLabel,
    HeadCountLabel,
    PlaceLabel,
    StayLabel,
)


@dataclass(frozen=True, slots=True)
class HeadCountStarted:
    """Start of a head count: every person in view is clicked; without clicks the count is zero."""

    time_utc_s: float


@dataclass(frozen=True, slots=True)
class HeadClicked:
    """The feet of a person, in pixels of the whole frame."""

    uv_px: tuple[float, float]


@dataclass(frozen=True, slots=True)
class StayStarted:
    """The followed visitor enters a zone; None: was inside when the clip began."""

    zone: ZoneId
    time_utc_s: float | None


@dataclass(frozen=True, slots=True)
class StayEnded:
    """The followed visitor leaves the zone; None: was still inside when the clip ended."""

    time_utc_s: float | None


Step = CrossingLabel | HeadCountStarted | HeadClicked | StayStarted | StayEnded | PlaceLabel


@dataclass(frozen=True, slots=True)
class ClipDraft:
    """A clip while it is being labelled.

    Attributes:
        lines, zones: the watched ones; a line without crossings is labelled, too.
        frame_size_wh: of the whole frame, in whose pixels clicks are given.
    """

    clip: Clip
    frame_size_wh: tuple[int, int]
    lines: tuple[LineId, ...] = ()
    zones: tuple[ZoneId, ...] = ()
    steps: tuple[Step, ...] = ()

    @staticmethod
    def of(labels: ClipLabels) -> ClipDraft:
        """Return a draft that continues saved labels."""
        steps: list[Step] = [*labels.crossings, *labels.places]
        for head in labels.heads:
            steps += [HeadCountStarted(head.time_utc_s), *map(HeadClicked, head.foot_points_px)]
        for stay in labels.stays:
            steps += [StayStarted(stay.zone, stay.entered_utc_s), StayEnded(stay.left_utc_s)]
        return ClipDraft(labels.clip, labels.frame_size_wh, labels.lines, labels.zones, tuple(steps))

    @property
    def is_counting_heads(self) -> bool:
        """Return whether clicks mark feet."""
        return any(isinstance(step, HeadCountStarted) for step in self.steps)

    @property
    def followed_zone(self) -> ZoneId | None:
        """Return the zone in which a visitor is being followed; None without one."""
        edges = [step for step in self.steps if isinstance(step, StayStarted | StayEnded)]
        return edges[-1].zone if edges and isinstance(edges[-1], StayStarted) else None

    def cross(self, line: LineId, time_utc_s: float, direction: str) -> ClipDraft:
        """Add a crossing, ``in`` or ``out``; the line counts as watched from then on."""
        lines = self.lines if line in self.lines else (*self.lines, line)
        return replace(self._with(CrossingLabel(line, time_utc_s, direction)), lines=lines)

    def start_head_count(self, time_utc_s: float) -> ClipDraft:
        """Start a head count at this time."""
        return self._with(HeadCountStarted(time_utc_s))

    def click_head(self, uv_px: tuple[float, float]) -> ClipDraft:
        """Add the feet of a person; unchanged if no head count has started."""
        return self._with(HeadClicked(uv_px)) if self.is_counting_heads else self

    def enter(self, zone: ZoneId, time_utc_s: float | None) -> ClipDraft:
        """Start to follow a visitor through a zone, in place of the former one.

        Args:
            time_utc_s: None: the visitor was inside when the clip began.
        """
        before = self if self.followed_zone is None else self.leave(None)
        zones = before.zones if zone in before.zones else (*before.zones, zone)
        return replace(before._with(StayStarted(zone, time_utc_s)), zones=zones)

    def leave(self, time_utc_s: float | None) -> ClipDraft:
        """End the followed visitor's stay; unchanged if nobody is followed.

        Args:
            time_utc_s: None: still inside when the clip ended.
        """
        return self if self.followed_zone is None else self._with(StayEnded(time_utc_s))

    def undo(self) -> ClipDraft:
        """Return the draft without the last step; watched lines and zones remain."""
        return replace(self, steps=self.steps[:-1])

    def without(self, index: int) -> ClipDraft:
        """Return the draft without a step, counted from 0, and the clicks or end that belong to it.

        The end of a stay alone is not removed: the visitor would be followed again.
        """
        step, following = self.steps[index], list(self.steps[index + 1 :])
        if isinstance(step, HeadCountStarted):
            # other steps may lie between its clicks
            ends = [n for n, later in enumerate(following) if isinstance(later, HeadCountStarted)]
            end = ends[0] if ends else len(following)
            following = [s for n, s in enumerate(following) if n >= end or not isinstance(s, HeadClicked)]
        elif isinstance(step, StayStarted):
            own = next((n for n, later in enumerate(following) if isinstance(later, StayEnded)), None)
            if own is not None:
                del following[own]
        elif isinstance(step, StayEnded):
            return self
        return replace(self, steps=(*self.steps[:index], *following))

    def finish(self, *, labelled_by: str, now_utc_s: float) -> ClipLabels:
        """Return the labels; a visitor who is still followed was inside at the end."""
        heads: list[HeadCountLabel] = []
        stays: list[StayLabel] = []
        for step in self.leave(None).steps:
            match step:
                case HeadCountStarted(time_utc_s):
                    heads.append(HeadCountLabel(time_utc_s, ()))
                case HeadClicked(uv_px):
                    heads[-1] = replace(heads[-1], foot_points_px=(*heads[-1].foot_points_px, uv_px))
                case StayStarted(zone, time_utc_s):
                    stays.append(StayLabel(zone, time_utc_s, None))
                case StayEnded(time_utc_s):
                    stays[-1] = replace(stays[-1], left_utc_s=time_utc_s)
                case _:
                    pass
        crossings = [step for step in self.steps if isinstance(step, CrossingLabel)]
        return ClipLabels(
            clip=self.clip,
            frame_size_wh=self.frame_size_wh,
            labelled_by=labelled_by,
            labelled_utc_s=now_utc_s,
            lines=self.lines,
            zones=self.zones,
            crossings=tuple(sorted(crossings, key=lambda crossing: crossing.time_utc_s)),
            heads=tuple(heads),
            stays=tuple(stays),
            places=tuple(step for step in self.steps if isinstance(step, PlaceLabel)),
        )

    def _with(self, step: Step) -> ClipDraft:
        return replace(self, steps=(*self.steps, step))
