"""What the frame around the pages tells the person, in words that follow the language."""

from __future__ import annotations

from analytics.domain.errors import fill_template
from analytics.domain.history_condition import HistoryCondition
from app.error_reporting import ErrorReport
from app.gui.session.cell_text import format_moment
from app.gui.session.notification import Notification
from app.gui.session.translation import display_name, tr, trn
from app.gui.session.view_words import advise, describe_trouble
from vision.alignment.view_report import ViewReport


def word_report(report: ErrorReport, *, leads_to_models: bool = False) -> Notification:
    """An error."""
    told = report.tell_again(tr)
    if not leads_to_models:
        return Notification(told.problem, told.remedy)
    # the error's own remedy names commands
    remedy = tr("Fetch it, take it in from a file, or let this venue use another model that is ready.")
    return Notification(told.problem, remedy, leads_to_models=True)


def word_demonstration_model() -> Notification:
    """A real camera is read with a model that was trained on drawn people."""
    return Notification(
        tr("This venue has a real camera, and the model of the demonstration: it misses people."),
        tr("Fetch an official model, or take one in from a file, and let this venue use it."),
        tone="neutral",
        leads_to_models=True,
    )


def word_view(camera: str, view: ViewReport) -> Notification:
    """A camera looks elsewhere, or sees nothing."""
    return Notification(
        tr("{camera}: {trouble}", camera=display_name(camera), trouble=describe_trouble(view)),
        advise(view),
        leads_to_view_of=camera,
    )


def word_restart() -> Notification:
    """The process that counts was started again."""
    return Notification(
        tr("The process that counts ended unexpectedly and is started again by itself."),
        tr("What was counted is kept; the seconds without counting are recorded as a gap."),
        tone="neutral",
    )


def word_history(condition: HistoryCondition) -> Notification:
    """The history cannot be written as it should be, was made again, or is written as usual again."""
    told = condition.describe()
    if told is None:
        return Notification(tr("Everything that is counted is written again."), tone="good")
    return Notification(fill_template(told.template, told.fields, tr))


def word_stop_wished() -> Notification:
    """Another program asked for the end of the recording."""
    return Notification(
        tr("Another program asked this recording to stop."),
        tr("What was counted is kept. Start it again whenever you like."),
        tone="neutral",
    )


def word_terminated(ended_s: float, *, time_zone: str) -> Notification:
    """The last recording ended with its program: a log-out, a shutdown, a crash."""
    return Notification(
        tr(
            "The last recording ended at {moment}: the system ended the program, as it does at a log-out "
            "or a shutdown.",
            moment=format_moment(ended_s, time_zone=time_zone),
        ),
        tr("What was counted is kept. This venue is not recorded now: start the recording again."),
    )


def word_other_recorder_keeps() -> Notification:
    """A change waits for another program."""
    return Notification(
        tr("This venue is recorded by another program, which reads its cameras as they were when it began."),
        tr("Stop that recording and let it begin again, and the change holds."),
        tone="neutral",
    )


def describe_recording(*, is_recording: bool, people: int, restarts: int) -> str:
    """What the status bar says of the recording."""
    if not is_recording:
        return tr("Not recording")
    words = trn("Recording, {n} person in view", "Recording, {n} people in view", people)
    if restarts:
        words += " · " + trn("{n} restart", "{n} restarts", restarts)
    return words
