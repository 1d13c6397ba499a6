"""What a person has said of one clip so far: one step a key or a click, and each can be taken back."""

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
class HeadCountBegun:
    """From now on everybody in view at this moment is clicked; nobody, if no click follows."""

    time_utc_s: float


@dataclass(frozen=True, slots=True)
class HeadClicked:
    """Somebody's feet, in pixels of the whole frame."""

    uv_px: tuple[float, float]


@dataclass(frozen=True, slots=True)
class StayBegun:
    """The visitor who is followed enters a zone; None: was inside when the clip began."""

    zone: ZoneId
    time_utc_s: float | None


@dataclass(frozen=True, slots=True)
class StayEnded:
    """The visitor who is followed leaves the zone; None: was still inside when the clip ended."""

    time_utc_s: float | None


Step = CrossingLabel | HeadCountBegun | HeadClicked | StayBegun | StayEnded | PlaceLabel


@dataclass(frozen=True, slots=True)
class ClipDraft:
    """One clip while it is being labelled.

    Attributes:
        lines, zones: those that are looked at; a line that nobody crosses counts as labelled, too.
        frame_size_wh: of the whole frame, in whose pixels is clicked.
        steps: in the order in which they were made.
    """

    clip: Clip
    frame_size_wh: tuple[int, int]
    lines: tuple[LineId, ...] = ()
    zones: tuple[ZoneId, ...] = ()
    steps: tuple[Step, ...] = ()

    @staticmethod
    def of(labels: ClipLabels) -> ClipDraft:
        """A clip that was labelled before, to go on with."""
        steps: list[Step] = [*labels.crossings, *labels.places]
        for head in labels.heads:
            steps += [HeadCountBegun(head.time_utc_s), *map(HeadClicked, head.foot_points_px)]
        for stay in labels.stays:
            steps += [StayBegun(stay.zone, stay.entered_utc_s), StayEnded(stay.left_utc_s)]
        return ClipDraft(labels.clip, labels.frame_size_wh, labels.lines, labels.zones, tuple(steps))

    @property
    def is_counting_heads(self) -> bool:
        """Whether a click is taken for somebody's feet."""
        return any(isinstance(step, HeadCountBegun) for step in self.steps)

    @property
    def followed_zone(self) -> ZoneId | None:
        """The zone in which somebody is being followed now."""
        edges = [step for step in self.steps if isinstance(step, StayBegun | StayEnded)]
        return edges[-1].zone if edges and isinstance(edges[-1], StayBegun) else None

    def cross(self, line: LineId, time_utc_s: float, direction: str) -> ClipDraft:
        """Somebody crosses a line, ``in`` or ``out``; a line that was not looked at so far is from now on."""
        lines = self.lines if line in self.lines else (*self.lines, line)
        return replace(self._with(CrossingLabel(line, time_utc_s, direction)), lines=lines)

    def begin_heads(self, time_utc_s: float) -> ClipDraft:
        """Everybody in view at this moment is clicked from now on."""
        return self._with(HeadCountBegun(time_utc_s))

    def click_head(self, uv_px: tuple[float, float]) -> ClipDraft:
        """Somebody's feet; the draft as it is where no head count has begun."""
        return self._with(HeadClicked(uv_px)) if self.is_counting_heads else self

    def enter(self, zone: ZoneId, time_utc_s: float | None) -> ClipDraft:
        """Begin to follow a visitor through a zone; who was followed until now is followed no more.

        Args:
            time_utc_s: None: the visitor was inside when the clip began.
        """
        before = self if self.followed_zone is None else self.leave(None)
        zones = before.zones if zone in before.zones else (*before.zones, zone)
        return replace(before._with(StayBegun(zone, time_utc_s)), zones=zones)

    def leave(self, time_utc_s: float | None) -> ClipDraft:
        """The visitor who is followed leaves the zone; the draft as it is where nobody is.

        Args:
            time_utc_s: None: still inside when the clip ended.
        """
        return self if self.followed_zone is None else self._with(StayEnded(time_utc_s))

    def undo(self) -> ClipDraft:
        """Without the last step; lines and zones that are looked at stay so."""
        return replace(self, steps=self.steps[:-1])

    def without(self, index: int) -> ClipDraft:
        """Without a step, counted from 0, and what belongs to it: a head count's clicks, a stay's end.

        The end of a stay alone is not removed: the visitor would be followed again.
        """
        step, following = self.steps[index], list(self.steps[index + 1 :])
        if isinstance(step, HeadCountBegun):
            # other steps may lie between its clicks
            ends = [n for n, later in enumerate(following) if isinstance(later, HeadCountBegun)]
            end = ends[0] if ends else len(following)
            following = [s for n, s in enumerate(following) if n >= end or not isinstance(s, HeadClicked)]
        elif isinstance(step, StayBegun):
            own = next((n for n, later in enumerate(following) if isinstance(later, StayEnded)), None)
            if own is not None:
                del following[own]
        elif isinstance(step, StayEnded):
            return self
        return replace(self, steps=(*self.steps[:index], *following))

    def finish(self, *, labelled_by: str, now_utc_s: float) -> ClipLabels:
        """The labels; a visitor who is still followed was inside at the end."""
        heads: list[HeadCountLabel] = []
        stays: list[StayLabel] = []
        for step in self.leave(None).steps:
            match step:
                case HeadCountBegun(time_utc_s):
                    heads.append(HeadCountLabel(time_utc_s, ()))
                case HeadClicked(uv_px):
                    heads[-1] = replace(heads[-1], foot_points_px=(*heads[-1].foot_points_px, uv_px))
                case StayBegun(zone, time_utc_s):
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
