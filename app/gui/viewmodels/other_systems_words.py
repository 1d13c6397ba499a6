"""What is said of the program that answers other systems, and of their tokens."""

from __future__ import annotations

from datetime import datetime

from app.gui.table_models.cell_text import ABSENT, format_moment, format_number
from app.gui.translation import tr, trn
from app.gui.viewmodels.other_systems import OtherSystemsState, Serving
from app.venue.access_tokens import Scope


def name_scope(scope: Scope) -> str:
    """What a token may ask, in a few words."""
    return {
        Scope.NOW: tr("what is now"),
        Scope.HISTORY: tr("what was, by hour and day"),
        Scope.METRICS: tr("figures for Prometheus"),
    }[scope]


def name_switch(serving: Serving) -> str:
    """The button that starts and ends the program that answers."""
    return {
        Serving.OFF: tr("Start"),
        Serving.STARTING: tr("Starting…"),
        Serving.HERE: tr("Stop"),
        Serving.STOPPING: tr("Stopping…"),
        Serving.ELSEWHERE: tr("Start"),
    }[serving]


def describe_standing(state: OtherSystemsState) -> str:
    """Whether somebody answers, and where."""
    if state.folder is None:
        return tr("Open a venue first.")
    if state.serving is Serving.HERE and state.settings.is_enabled:
        return tr("Answers at {url}, as long as this window is open.", url=state.settings.url)
    if state.serving is Serving.OFF and state.settings.is_enabled:
        return tr("Allowed, but no program answers now.")
    return {
        Serving.OFF: tr("Nobody may ask by REST."),
        Serving.STARTING: tr("The program that answers is starting."),
        Serving.HERE: tr("Other systems are told, as long as this window is open."),
        Serving.STOPPING: tr("The program that answers is ending."),
        Serving.ELSEWHERE: tr(
            "Another program answers for this venue; changed settings hold once that starts again."
        ),
    }[state.serving]


def describe_counts(state: OtherSystemsState) -> str:
    """What was asked so far, and which way of telling fails; empty while nothing is known."""
    report = state.report
    if report is None:
        return ""
    last = (
        ABSENT
        if report.last_utc_s is None
        else format_moment(report.last_utc_s, time_zone=state.time_zone, has_date=False)
    )
    words = [
        trn("{n} request answered", "{n} requests answered", report.answered),
        tr("{count} refused", count=format_number(report.refused)),
        tr("last asked {time}", time=last),
    ]
    words += [f"{one.name}: {one.failure}" for one in report.publishers if one.failure]
    return tr("; ").join(words)


def tell_time(moment: datetime, time_zone: str) -> str:
    """A moment by the venue's clock."""
    return format_moment(moment.timestamp(), time_zone=time_zone)
