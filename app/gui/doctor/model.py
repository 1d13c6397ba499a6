"""Provide the view-model of the doctor, whose checks run in a child process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, Unpack

from PySide6.QtCore import Qt, Signal, Slot

from analytics.domain.errors import Phrase, fill_template
from app.core.check_results import CheckResult, Fix, Topic, Verdict, sort_results
from app.core.job import JobContext
from app.doctor.doctor_report import TOPICS, format_report, save_report
from app.doctor.finding_lines import diagnose_in_child
from app.error_reporting import ErrorReport
from app.gui.session.cell_text import format_date_time
from app.gui.session.job_runner import JobHandle
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr, trn
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.recording.recording_checks import check_recording
from app.settings.file import read_settings
from vision.sources.redaction import redact_url

_NAMED = ("name", "camera")
"""Fields that may contain a name of the demonstration."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A check result as text.

    Attributes:
        text: subject and result.
        tone: ``bad``, ``warning``, ``good`` or ``muted``.
        icon: icon of the verdict.
        action: label of the button; empty for none.
    """

    finding: CheckResult
    verdict: str
    tone: str
    icon: str
    subject: str
    text: str
    remedy: str
    action: str


@dataclass(frozen=True, slots=True)
class TopicRows:
    """The check results of one topic, worst first.

    Attributes:
        summary: numbers of results by severity.
        tone, icon: tone and icon of the worst result.
        rows: visible results; good ones may be hidden.
    """

    topic: Topic
    title: str
    summary: str
    tone: str
    icon: str
    rows: tuple[FindingRow, ...]


def describe_topics(findings: Sequence[CheckResult], *, shows_passed: bool) -> tuple[TopicRows, ...]:
    topics = []
    for topic in TOPICS:
        of_topic = sort_results([finding for finding in findings if finding.topic is topic])
        if of_topic:
            topics.append((of_topic[0].verdict, _describe_topic(topic, of_topic, shows_passed=shows_passed)))
    order = list(Verdict)
    return tuple(rows for _worst, rows in sorted(topics, key=lambda entry: -order.index(entry[0])))


def describe_finding(finding: CheckResult) -> FindingRow:
    """Describe a check result without user names and passwords."""
    verdict, tone, icon = _describe_verdict(finding.verdict)
    subject = _begin_sentence(say(finding.subject))
    return FindingRow(
        finding,
        verdict,
        tone,
        icon,
        subject,
        tr("{subject}: {problem}", subject=subject, problem=say(finding.detail)),
        _describe_remedy(finding),
        _name_fix(finding.fix),
    )


def summarise(findings: Sequence[CheckResult]) -> tuple[str, str]:
    failed = sum(finding.verdict is Verdict.FAILED for finding in findings)
    warned = sum(finding.verdict is Verdict.WARNING for finding in findings)
    if not failed and not warned:
        return trn("{n} check passed.", "All {n} checks passed.", len(findings)), "good"
    parts = []
    if failed:
        parts.append(trn("{n} check failed", "{n} checks failed", failed))
    if warned:
        parts.append(trn("{n} warning", "{n} warnings", warned))
    return tr(", ").join(parts), "bad" if failed else "warning"


def say(phrase: Phrase) -> str:
    if not phrase.template:
        return ""
    fields = {
        name: display_name(value) if name in _NAMED and isinstance(value, str) else value
        for name, value in phrase.fields.items()
    }
    return redact_url(fill_template(phrase.template, fields, tr))


def _describe_topic(topic: Topic, findings: Sequence[CheckResult], *, shows_passed: bool) -> TopicRows:
    summary, _tone = summarise(findings)
    has_passed = findings[0].verdict in (Verdict.OK, Verdict.ABSENT)
    _name, tone, icon = _describe_verdict(Verdict.OK if has_passed else findings[0].verdict)
    shown = [f for f in findings if shows_passed or f.verdict in (Verdict.FAILED, Verdict.WARNING)]
    return TopicRows(
        topic, say(TOPICS[topic]), summary, tone, icon, tuple(describe_finding(f) for f in shown)
    )


def _describe_remedy(finding: CheckResult) -> str:
    if finding.fix is Fix.CHOOSE_MODEL:
        return tr("Use another model for this venue, or get this one again.")
    if finding.fix is Fix.START_RECORDING:
        return tr("Record for a minute to store the camera's view.")
    if finding.rule == "no-address":
        return tr("Enter the camera's address to see its picture.")
    return say(finding.remedy)


def _describe_verdict(verdict: Verdict) -> tuple[str, str, str]:
    match verdict:
        case Verdict.FAILED:
            return tr("Failed"), "bad", "failed"
        case Verdict.WARNING:
            return tr("Warning"), "warning", "warning"
        case Verdict.ABSENT:
            return tr("Not available"), "muted", "info"
        case Verdict.OK:
            return tr("Passed"), "good", "well"


def _name_fix(fix: Fix) -> str:
    return {
        Fix.CHANGE_CAMERA: tr("Change the camera"),
        Fix.ENTER_PASSWORD: tr("Enter the password"),
        Fix.CALIBRATE: tr("Calibrate"),
        Fix.SHOW_VIEW: tr("Before and after"),
        Fix.DRAW_MASK: tr("Draw the mask"),
        Fix.CHOOSE_MODEL: tr("Show the models"),
        Fix.EDIT_PLAN: tr("Show on the plan"),
        Fix.OPEN_FOLDER: tr("Open the folder"),
        Fix.CONNECT_AGAIN: tr("Connect again"),
        Fix.START_RECORDING: tr("Start recording"),
        Fix.RESTART_RECORDING: tr("Restart the recording"),
        Fix.NOTHING: "",
    }[fix]


def _begin_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


RUN_KEY = "doctor"
VIEW_S = 10.0
"""Duration of checking a camera's view: twice as long as people passing by cover it."""
NO_VENUE_ZONE = "UTC"


class Diagnose(Protocol):
    """A function that runs all checks, such as `diagnose_in_child`."""

    def __call__(
        self,
        context: JobContext,
        *,
        venue: Path | None,
        opens_cameras: bool,
        view_s: float,
        camera_timeout_s: float,
        on_finding: Callable[[CheckResult], None],
    ) -> None:
        """Run all checks and pass on each result as soon as it is known."""


@dataclass(frozen=True, slots=True)
class DoctorState:
    """The state of the page with translated texts.

    Attributes:
        headline, tone: summary of all results; empty before the first run.
        last_run: time of the last run, or that it was stopped.
        share: progress of the running checks, 0 to 1; None if unknown.
        problem, remedy: reason why the checks failed to run.
        note: what was done with the report.
    """

    has_run: bool = False
    is_running: bool = False
    share: float | None = None
    headline: str = ""
    tone: str = "muted"
    last_run: str = ""
    topics: tuple[TopicRows, ...] = ()
    problem: str = ""
    remedy: str = ""
    note: str = ""


class DoctorViewModel(VenueViewModel[DoctorState]):
    """The view-model of the doctor; results stay until the next run or until another venue is opened."""

    fix_requested = Signal(object)
    """The check result whose fix the user requested."""

    _found = Signal(object, object)

    def __init__(
        self, *, monitor: PipelineMonitor, diagnose: Diagnose = diagnose_in_child, **parts: Unpack[VenueParts]
    ) -> None:
        super().__init__(DoctorState(), **parts)
        self._monitor = monitor
        self._diagnose = diagnose
        self._job: JobHandle | None = None
        self._run: object = None
        self._findings: tuple[CheckResult, ...] = ()
        self._run_utc_s: float | None = None
        self._was_stopped = False
        self._share: float | None = None
        self._failure: ErrorReport | None = None
        self._saved: Path | None = None
        self._shows_well = False
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)
        self._app_state.venue_opened.connect(self._forget)

    @property
    def findings(self) -> tuple[CheckResult, ...]:
        """Return the results of the last run in the order of arrival."""
        return self._findings

    def run(self) -> None:
        """Run all checks; cameras being recorded are judged by the recording's status."""
        if self._job is not None:
            return
        venue, run = self._app_state.venue, object()
        status = self._monitor.status if self._monitor.is_active else None
        self._run = run
        entries = () if venue is None else venue.cameras
        calibrated = [str(entry.name) for entry in entries if entry.camera.pairs]
        self._findings = () if status is None else tuple(check_recording(status, calibrated=calibrated))
        self._run_utc_s = self._clock.now_utc_s()
        self._was_stopped, self._failure, self._share, self._saved = False, None, None, None
        timeout_s = read_settings().settings.connect_timeout_s

        def work(context: JobContext) -> None:
            self._diagnose(
                context,
                venue=None if venue is None else venue.folder,
                opens_cameras=status is None,
                view_s=VIEW_S,
                camera_timeout_s=timeout_s,
                on_finding=lambda finding: self._found.emit(run, finding),
            )

        self._job = self._job_runner.run_latest(
            RUN_KEY,
            lambda: tr("Running checks"),
            work,
            on_done=lambda _nothing: self._end(run),
            on_failed=lambda report: self._end(run, report),
        )
        if self._job.is_finished:
            self._job = None
        else:
            self._job.progress.connect(self._on_progress)
        self.refresh()

    def stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job, self._was_stopped = None, True
            self.refresh()

    def show_passed(self, is_shown: bool) -> None:
        self._shows_well = is_shown
        self.refresh()

    def fix(self, finding: CheckResult) -> None:
        if finding.fix is not Fix.NOTHING:
            self.fix_requested.emit(finding)

    def write_report(self) -> str:
        """Return the results as text in the current language, without user names and passwords."""
        venue = self._app_state.venue
        return format_report(
            self._findings,
            at_utc_s=self._run_utc_s or self._clock.now_utc_s(),
            venue="" if venue is None else display_name(venue.exhibition.name),
            translate=tr,
        )

    def save_report(self, file: Path) -> None:
        text = self.write_report()

        def done(_nothing: None) -> None:
            self._saved = file
            self.refresh()

        self._job_runner.run(
            lambda: tr("Writing the report"),
            lambda _context: save_report(file, text),
            on_done=done,
            on_failed=self._complain,
        )

    def refresh(self) -> None:
        state = self._compose()
        self._set_state(state)

    def _compose(self) -> DoctorState:
        if self._run_utc_s is None:
            return DoctorState()
        is_running = self._job is not None
        headline, tone = summarise(self._findings)
        if is_running and not self._findings:
            headline, tone = tr("Please wait"), "muted"
        state = DoctorState(
            has_run=True,
            is_running=is_running,
            share=self._share,
            headline=headline,
            tone=tone,
            last_run=self._describe_run(),
            topics=describe_topics(self._findings, shows_passed=self._shows_well),
            note="" if self._saved is None else tr("The report was saved to {file}.", file=str(self._saved)),
        )
        if self._failure is not None:
            report = self._failure.render(tr)
            state = replace(state, problem=report.problem, remedy=report.remedy)
        return state

    def _describe_run(self) -> str:
        if self._job is not None:
            return tr("Running checks")
        assert self._run_utc_s is not None
        venue = self._app_state.venue
        zone = NO_VENUE_ZONE if venue is None else venue.exhibition.time_zone
        moment = format_date_time(self._run_utc_s, time_zone=zone)
        if self._was_stopped:
            return tr("Stopped early, {moment}", moment=moment)
        return tr("Last run: {moment}", moment=moment)

    @Slot(object, object)
    def _on_found(self, run: object, finding: CheckResult) -> None:
        if run is self._run:
            self._findings = (*self._findings, finding)
            self.refresh()

    def _on_progress(self, done: float, total: float) -> None:
        self._share = done / total if total > 0 else None
        self.refresh()

    def _end(self, run: object, report: ErrorReport | None = None) -> None:
        if run is self._run:
            self._job, self._failure = None, report
            self.refresh()

    def _complain(self, report: ErrorReport) -> None:
        self._failure = report
        self.refresh()

    def _forget(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job, self._run, self._run_utc_s, self._failure, self._saved = None, None, None, None, None
        self._findings = ()
        self.refresh()
