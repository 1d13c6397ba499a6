"""Provide the view-models of privacy settings and of erasing a period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import Signal

from analytics.domain.arrays import Interval
from analytics.domain.errors import ExpoFlowError, Phrase
from app.access.guard import doing
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.core.privacy_file import PreviewMode
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.job_runner import JobHandle
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.privacy.edit_privacy import change_privacy, describe_weakening
from app.privacy.erase_period import (
    Erasure,
    describe_erasure,
    erase_period,
    plan_erasure,
    require_confirmation,
)
from app.privacy.privacy_facts import PrivacyFacts, read_privacy_facts
from app.privacy.privacy_pack import PrivacyPack, make_privacy_pack

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class ErasureState:
    """The state of the dialog that erases a period.

    Attributes:
        camera: camera whose observations are erased; empty for all.
        cameras: selectable cameras: those of the venue and others with observations in the period.
        planned: data to erase; None while it is being determined.
        sentences: description of what is erased and what stays.
        done, total: progress of the erasure; total 0 while unknown.
        problem, remedy: reason why the data could not be determined or erased.
    """

    period_s: Interval = (0.0, 0.0)
    camera: str = ""
    cameras: tuple[str, ...] = ()
    planned: Erasure | None = None
    sentences: tuple[str, ...] = ()
    with_copies: bool = False
    is_erasing: bool = False
    is_erased: bool = False
    done: float = 0.0
    total: float = 0.0
    problem: str = ""
    remedy: str = ""


class ErasureViewModel(VenueViewModel[ErasureState]):
    """The view-model of erasing a period, which requires a preview first."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(ErasureState(), **parts)
        self._job: JobHandle | None = None
        venue = self._app_state.venue
        self._state = ErasureState(
            period_s=self._propose(),
            cameras=() if venue is None else tuple(str(entry.name) for entry in venue.cameras),
        )
        self._job_runner.job_finished.connect(self._on_job_finished)

    @property
    def venue(self) -> Venue | None:
        return self._app_state.venue

    def choose_camera(self, camera: str) -> None:
        """Set the camera whose observations are erased; empty for all."""
        if camera != self._state.camera and not self._state.is_erasing:
            self._change_state(camera=camera)
            self.preview(*self._state.period_s)

    def preview(self, start_s: float, end_s: float) -> None:
        """Determine what an erasure of a period would delete for the chosen camera."""
        venue = self._app_state.venue
        if venue is None or self._state.is_erasing:
            return
        self._change_state(
            period_s=(start_s, end_s), planned=None, sentences=(), is_erased=False, problem="", remedy=""
        )
        camera = self._state.camera or None
        self._job_runner.run_latest(
            "erasure",
            lambda: tr("Determining what would be erased"),
            lambda _context: plan_erasure(venue, (start_s, end_s), camera=camera),
            on_done=self._show_planned,
            on_failed=self._show_failure,
        )

    def include_copies(self, with_copies: bool) -> None:
        self._change_state(with_copies=with_copies)
        if self._state.planned is not None:
            self._show_planned(self._state.planned)

    def is_confirmed_by(self, typed: str) -> bool:
        """Return whether the venue's name was typed and there is something to erase."""
        venue, planned = self._app_state.venue, self._state.planned
        if venue is None or planned is None or typed.strip() != venue.name:
            return False
        return bool(planned) or (self._state.with_copies and bool(planned.copies))

    def erase(self, typed: str) -> None:
        """Erase the previewed period if the venue's name was typed."""
        venue, state = self._app_state.venue, self._state
        if venue is None or not self.is_confirmed_by(typed) or state.is_erasing:
            return
        require_confirmation(venue, typed)
        self._set_state(replace(state, is_erasing=True, problem="", remedy=""))

        def work(context: JobContext) -> Erasure:
            return erase_period(
                venue,
                state.period_s,
                camera=state.camera or None,
                with_copies=state.with_copies,
                context=context,
                clock=self._clock,
            )

        job = self._job_runner.run(
            lambda: tr("Erasing period"), work, on_done=self._show_erased, on_failed=self._show_failure
        )
        if self._state.is_erasing:
            self._job = job
            job.progress.connect(self._show_progress)

    def _propose(self) -> Interval:
        """Return the window's period, or the last observed day, or the last 24 hours."""
        venue, history = self._app_state.venue, self._app_state.history
        if self._app_state.period is not None:
            return self._app_state.period
        if venue is not None and history is not None:
            return venue.exhibition.day_interval_utc(venue.exhibition.local_day(history[1] - 1.0))
        now_s = self._clock.now_utc_s()
        return now_s - DAY_S, now_s

    def _show_planned(self, planned: Erasure) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        sentences = describe_erasure(venue, planned, has_copies_deleted=self._state.with_copies, tr=tr)
        # also cameras that were removed from the venue
        others = [name for name in planned.part.cameras if name not in self._state.cameras]
        cameras = (*self._state.cameras, *others)
        self._change_state(planned=planned, sentences=tuple(sentences), cameras=cameras)

    def _show_progress(self, done: float, total: float) -> None:
        if self._state.is_erasing:
            self._change_state(done=done, total=total)

    def _on_job_finished(self, job: JobHandle) -> None:
        """Preview what remains after a job was cancelled elsewhere in the window."""
        if job is self._job and job.is_cancelled:
            self._job = None
            self._change_state(is_erasing=False)
            self.preview(*self._state.period_s)
            self._app_state.announce(ChangeSet(events=True), initiator=self)

    def _show_erased(self, erased: Erasure) -> None:
        summary = tr("The period was erased: {points} track points were deleted.", points=erased.part.points)
        sentences = [summary]
        if erased.copies:
            sentences.append(
                tr("{count} files that may contain copies were not deleted.", count=len(erased.copies))
            )
        self._job = None
        self._change_state(planned=None, sentences=tuple(sentences), is_erasing=False, is_erased=True)
        self._app_state.announce(ChangeSet(events=True), initiator=self)

    def _show_failure(self, report: ErrorReport) -> None:
        self._job = None
        failure = report.render(tr)
        self._change_state(is_erasing=False, problem=failure.problem, remedy=failure.remedy)


WritePack = Callable[[Path, PrivacyPack], tuple[Path, ...]]


@dataclass(frozen=True, slots=True)
class PrivacyState:
    """The state of the privacy card.

    Attributes:
        facts: None while they are read for the first time.
    """

    has_venue: bool = False
    facts: PrivacyFacts | None = None


class PrivacyViewModel(VenueViewModel[PrivacyState]):
    """The view-model of privacy settings; it reads the facts while visible and after each change of the
    venue.
    """

    failed = Signal(object)
    """An `ErrorReport` of a failed change or export."""
    pack_written = Signal(str)
    """Folder of the privacy pack."""

    def __init__(self, *, write_pack: WritePack, **parts: Unpack[VenueParts]) -> None:
        super().__init__(PrivacyState(), **parts)
        self._write_pack = write_pack
        self._state = PrivacyState(self._app_state.venue is not None)
        self._is_visible = False
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)

    def watch(self, is_watched: bool) -> None:
        """Set whether the card is visible; only then the folder is measured."""
        self._is_visible = is_watched
        if is_watched:
            self._read()

    def choose_previews(self, mode: PreviewMode) -> None:
        self._change(previews=mode)

    def describe_weakening(self, mode: PreviewMode) -> Phrase | None:
        """Return what another mode would show in addition; None if nothing, so that no question is needed."""
        facts = self._state.facts
        return None if facts is None else describe_weakening(facts.settings.previews, mode)

    def reset_previews(self) -> None:
        self.state_changed.emit()

    def set_details(self, *, organiser: str, contact: str, purpose: str) -> None:
        self._change(organiser=organiser.strip(), contact=contact.strip(), purpose=purpose.strip())

    def write_pack(self, folder: Path, language: str) -> None:
        venue = self._app_state.venue
        if venue is None:
            return

        def work(_context: JobContext) -> str:
            named = {"folder": folder.name}
            with doing(venue.folder, Permission.EXPORT_REPORTS, "privacy pack written", named):
                self._write_pack(folder, make_privacy_pack(venue, language=language))
            return str(folder)

        self._job_runner.run(
            lambda: tr("Creating the privacy pack"),
            work,
            on_done=self.pack_written.emit,
            on_failed=self.failed.emit,
        )

    def make_erasure(self) -> ErasureViewModel:
        return ErasureViewModel(app_state=self._app_state, job_runner=self._job_runner)

    def _change(self, **fields: object) -> None:
        venue, facts = self._app_state.venue, self._state.facts
        if venue is None or facts is None:
            return
        settings = replace(facts.settings, **fields)  # type: ignore[arg-type]
        if settings == facts.settings:
            return
        try:
            change_privacy(venue.folder, settings)
        except ExpoFlowError as error:
            self.failed.emit(describe_error(error, translate=tr))
            # resets the control, which already shows the refused value
            self.state_changed.emit()
            return
        self._change_state(facts=replace(facts, settings=settings))
        self._app_state.announce(ChangeSet(settings=True), initiator=self)

    def _read(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        self._job_runner.run_latest(
            "privacy facts",
            lambda: tr("Reading stored visitor data"),
            lambda _context: (venue, read_privacy_facts(venue)),
            on_done=self._show,
            on_failed=self.failed.emit,
        )

    def _show(self, found: tuple[Venue, PrivacyFacts]) -> None:
        venue, facts = found
        if self._app_state.venue is not None and venue.folder == self._app_state.venue.folder:
            self._set_state(PrivacyState(has_venue=True, facts=facts))

    def _on_venue_opened(self) -> None:
        self._set_state(PrivacyState(has_venue=self._app_state.venue is not None))
        if self._is_visible:
            self._read()

    def _on_changed(self, _changes: object, initiator: object) -> None:
        if self._is_visible and initiator is not self:
            self._read()
