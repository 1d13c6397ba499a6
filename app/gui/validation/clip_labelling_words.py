"""How a clip, its labels and what it still lacks are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from analytics.domain.exhibition import find_time_zone
from analytics.evaluation.clip_labels import Clip, CrossingLabel, PlaceLabel
from app.gui.session.translation import display_name, tr, trn
from app.gui.validation.clip_labelling_state import LabelRow
from app.plan.floor_scene import Point
from app.validation.validation_draft import ClipDraft, HeadClicked, HeadCountBegun, StayBegun, StayEnded

_SAME_INSTANT_S = 1e-3


def describe_title(clip: Clip, time_zone: str) -> str:
    """Which clip it is: camera, and when it begins on the venue's own clock."""
    begins = datetime.fromtimestamp(clip.start_utc_s, find_time_zone(time_zone))
    return tr("{camera}, {time}", camera=display_name(str(clip.camera)), time=f"{begins:%Y-%m-%d %H:%M:%S}")


def describe_position(clip: Clip, time_utc_s: float, *, of: bool = True) -> str:
    """How far into the clip a moment lies, with how long the clip is."""
    at = _format_seconds(time_utc_s - clip.start_utc_s)
    return f"{at} / {_format_seconds(clip.seconds)}" if of else at


def name_with_keys(names: Sequence[str], *, has_keys: bool = True) -> tuple[tuple[str, str], ...]:
    """Values and words of lines or zones; the first nine have a digit as their key."""
    return tuple(
        (name, f"{number}  {display_name(name)}" if has_keys and number <= 9 else display_name(name))
        for number, name in enumerate(names, start=1)
    )


def describe_following(draft: ClipDraft) -> str:
    """Who is being followed; empty for nobody."""
    zone = draft.followed_zone
    if zone is None:
        return ""
    return tr("Following a visitor in {zone}: press Enter when they leave.", zone=display_name(str(zone)))


def describe_todo(draft: ClipDraft, *, middle: int) -> str:
    """What the clip still lacks for all four numbers."""
    lacks = []
    if not any(isinstance(step, HeadCountBegun) for step in draft.steps) and middle >= 0:
        lacks.append(tr("nobody was counted in the middle of the clip (H)"))
    if not any(isinstance(step, StayBegun) for step in draft.steps):
        lacks.append(tr("no visitor was followed through a zone (Enter)"))
    return "" if not lacks else tr("Not yet: {lacks}.", lacks=tr(", ").join(lacks))


def list_rows(draft: ClipDraft, find_index: Callable[[float], int]) -> tuple[LabelRow, ...]:
    """The labels of a clip, in the order of time; a head count stands for its clicks."""
    rows: list[tuple[float, LabelRow]] = []
    zone = ""
    for number, step in enumerate(draft.steps):
        match step:
            case CrossingLabel(line, time_s, direction):
                way = tr("in") if direction == "in" else tr("out")
                text = tr("{line}: {way}", line=display_name(str(line)), way=way)
            case HeadCountBegun(time_s):
                count = _count_clicks(draft, number)
                text = trn("{n} person in view", "{n} people in view", count)
            case StayBegun(of_zone, entered_s):
                zone = display_name(str(of_zone))
                time_s = draft.clip.start_utc_s if entered_s is None else entered_s
                known = tr("enters {zone}", zone=zone)
                text = tr("was in {zone} before", zone=zone) if entered_s is None else known
            case StayEnded(left_s):
                time_s = draft.clip.end_utc_s if left_s is None else left_s
                known = tr("leaves {zone}", zone=zone)
                text = tr("stays in {zone}", zone=zone) if left_s is None else known
            case PlaceLabel():
                time_s, text = step.time_utc_s, tr("a mark on the floor")
            case _:
                continue
        at = _format_seconds(time_s - draft.clip.start_utc_s)
        rows.append((time_s, LabelRow(number, find_index(time_s), f"{at}  {text}")))
    return tuple(row for _time, row in sorted(rows, key=lambda pair: (pair[0], pair[1].step)))


def list_marks(draft: ClipDraft, time_utc_s: float) -> tuple[Point, ...]:
    """Feet that were clicked at a moment."""
    marks: list[Point] = []
    is_now = False
    for step in draft.steps:
        if isinstance(step, HeadCountBegun):
            is_now = abs(step.time_utc_s - time_utc_s) < _SAME_INSTANT_S
        elif isinstance(step, HeadClicked) and is_now:
            marks.append(step.uv_px)
    return tuple(marks)


def _count_clicks(draft: ClipDraft, begun: int) -> int:
    count = 0
    for step in draft.steps[begun + 1 :]:
        if isinstance(step, HeadCountBegun):
            break
        count += isinstance(step, HeadClicked)
    return count


def _format_seconds(seconds: float) -> str:
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes)}:{rest:04.1f}"
