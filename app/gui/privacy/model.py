"""What is stored and shown of visitors, as the settings page tells it and lets it be changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import Signal

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
from app.privacy.edit_privacy import change_privacy, find_weakening
from app.privacy.erase_period import Erasure, describe_erasure, erase_period, plan_erasure, require_word
from app.privacy.privacy_facts import PrivacyFacts, read_privacy_facts
from app.privacy.privacy_pack import PrivacyPack, make_privacy_pack

Period = tuple[float, float]
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class ErasureState:
    """What the window about it shows.

    Attributes:
        camera: whose observations are looked at; empty: those of all.
        cameras: those that can be chosen: the venue's, and what others saw of the period.
        planned: of the period that was looked at last; None while it is looked at.
        sentences: what goes and what stays.
        done, total: how far an erasure is; total 0 while nobody knows.
        problem, remedy: why it could not be looked at or erased.
    """

    period_s: Period = (0.0, 0.0)
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
    """Erases nothing that was not looked at before."""

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
        """Whose period it is."""
        return self._app_state.venue

    def choose_camera(self, camera: str) -> None:
        """Erase only what one camera saw; empty: what all saw."""
        if camera != self._state.camera and not self._state.is_erasing:
            self._change_state(camera=camera)
            self.look(*self._state.period_s)

    def look(self, start_s: float, end_s: float) -> None:
        """See what would go with a period, of the camera that is chosen."""
        venue = self._app_state.venue
        if venue is None or self._state.is_erasing:
            return
        self._change_state(
            period_s=(start_s, end_s), planned=None, sentences=(), is_erased=False, problem="", remedy=""
        )
        camera = self._state.camera or None
        self._job_runner.run_latest(
            "erasure",
            lambda: tr("Looking at what would be erased"),
            lambda _context: plan_erasure(venue, (start_s, end_s), camera=camera),
            on_done=self._show_planned,
            on_failed=self._show_failure,
        )

    def include_copies(self, with_copies: bool) -> None:
        """Delete backups and files put aside as well, or leave them."""
        self._change_state(with_copies=with_copies)
        if self._state.planned is not None:
            self._show_planned(self._state.planned)

    def is_confirmed_by(self, typed: str) -> bool:
        """Whether somebody typed the venue's name, and there is something to erase."""
        venue, planned = self._app_state.venue, self._state.planned
        if venue is None or planned is None or typed.strip() != venue.name:
            return False
        return bool(planned) or (self._state.with_copies and bool(planned.copies))

    def erase(self, typed: str) -> None:
        """Erase what was looked at, if the venue's name was typed."""
        venue, state = self._app_state.venue, self._state
        if venue is None or not self.is_confirmed_by(typed) or state.is_erasing:
            return
        require_word(venue, typed)
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
            lambda: tr("Erasing the period"), work, on_done=self._show_erased, on_failed=self._show_failure
        )
        if self._state.is_erasing:
            self._job = job
            job.progress.connect(self._show_progress)

    def _propose(self) -> Period:
        """The period that the window looks at, or the last day that was observed, or the one up to now."""
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
        # also cameras that the venue has no more
        others = [name for name in planned.part.cameras if name not in self._state.cameras]
        cameras = (*self._state.cameras, *others)
        self._change_state(planned=planned, sentences=tuple(sentences), cameras=cameras)

    def _show_progress(self, done: float, total: float) -> None:
        if self._state.is_erasing:
            self._change_state(done=done, total=total)

    def _on_job_finished(self, job: JobHandle) -> None:
        """Somebody stopped it elsewhere in the window: look what is still there."""
        if job is self._job and job.is_cancelled:
            self._job = None
            self._change_state(is_erasing=False)
            self.look(*self._state.period_s)
            self._app_state.announce(ChangeSet(events=True), initiator=self)

    def _show_erased(self, erased: Erasure) -> None:
        words = tr("The period was erased: {points} track points are gone.", points=erased.part.points)
        sentences = [words]
        if erased.copies:
            sentences.append(
                tr("{count} files that may hold a copy were left where they are.", count=len(erased.copies))
            )
        self._job = None
        self._change_state(planned=None, sentences=tuple(sentences), is_erasing=False, is_erased=True)
        self._app_state.announce(ChangeSet(events=True), initiator=self)

    def _show_failure(self, report: ErrorReport) -> None:
        self._job = None
        told = report.render(tr)
        self._change_state(is_erasing=False, problem=told.problem, remedy=told.remedy)


WritePack = Callable[[Path, PrivacyPack], tuple[Path, ...]]


@dataclass(frozen=True, slots=True)
class PrivacyState:
    """What the card shows.

    Attributes:
        facts: None while they are read for the first time.
    """

    has_venue: bool = False
    facts: PrivacyFacts | None = None


class PrivacyViewModel(VenueViewModel[PrivacyState]):
    """Reads the facts when somebody looks, and again after every change of the venue."""

    failed = Signal(object)
    """An `ErrorReport`: nothing was changed or written."""
    pack_written = Signal(str)
    """The folder that holds it."""

    def __init__(self, *, write_pack: WritePack, **parts: Unpack[VenueParts]) -> None:
        super().__init__(PrivacyState(), **parts)
        self._write_pack = write_pack
        self._state = PrivacyState(self._app_state.venue is not None)
        self._is_visible = False
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)

    def watch(self, is_watched: bool) -> None:
        """Whether somebody looks: only then the folder is measured."""
        self._is_visible = is_watched
        if is_watched:
            self._read()

    def choose_previews(self, mode: PreviewMode) -> None:
        """Show something else of the cameras' pictures."""
        self._change(previews=mode)

    def find_weakening(self, mode: PreviewMode) -> Phrase | None:
        """What would be shown of visitors that is not shown now; None: nothing, so nobody needs be asked."""
        facts = self._state.facts
        return None if facts is None else find_weakening(facts.settings.previews, mode)

    def keep_previews(self) -> None:
        """Change nothing: the card shows again what holds."""
        self.state_changed.emit()

    def tell(self, *, organiser: str, contact: str, purpose: str) -> None:
        """Say who answers for the processing, where they are reached, and what it is for."""
        self._change(organiser=organiser.strip(), contact=contact.strip(), purpose=purpose.strip())

    def write_pack(self, folder: Path, language: str) -> None:
        """Write the privacy pack into a folder of its own."""
        venue = self._app_state.venue
        if venue is None:
            return

        def work(_context: JobContext) -> str:
            named = {"folder": folder.name}
            with doing(venue.folder, Permission.EXPORT_REPORTS, "privacy pack written", named):
                self._write_pack(folder, make_privacy_pack(venue, language=language))
            return str(folder)

        self._job_runner.run(
            lambda: tr("Writing the privacy pack"),
            work,
            on_done=self.pack_written.emit,
            on_failed=self.failed.emit,
        )

    def make_erasure(self) -> ErasureViewModel:
        """What leads to a period that is erased."""
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
            # a control shows what was chosen; it is to show again what holds
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
            lambda: tr("Looking at what is stored of visitors"),
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
