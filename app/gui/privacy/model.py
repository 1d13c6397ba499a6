"""What is stored and shown of visitors, as the settings page tells it and lets it be changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from analytics.domain.errors import ExpoFlowError, Phrase
from app.access.guard import doing
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.core.privacy_file import PreviewMode
from app.error_reporting import describe_error
from app.gui.privacy.erasure import ErasureViewModel
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import tr
from app.gui.session.view_model import ViewModel
from app.privacy.edit_privacy import change_privacy, find_weakening
from app.privacy.privacy_facts import PrivacyFacts, read_privacy_facts
from app.privacy.privacy_pack import PrivacyPack, make_privacy_pack

WritePack = Callable[[Path, PrivacyPack], tuple[Path, ...]]


@dataclass(frozen=True, slots=True)
class PrivacyState:
    """What the card shows.

    Attributes:
        facts: None while they are read for the first time.
    """

    has_venue: bool = False
    facts: PrivacyFacts | None = None


class PrivacyViewModel(ViewModel[PrivacyState]):
    """Reads the facts when somebody looks, and again after every change of the venue."""

    failed = Signal(object)
    """An `ErrorReport`: nothing was changed or written."""
    pack_written = Signal(str)
    """The folder that holds it."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        write_pack: WritePack,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner, self._write_pack = app_state, job_runner, write_pack
        self._state = PrivacyState(app_state.venue is not None)
        self._is_watched = False
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)

    def watch(self, is_watched: bool) -> None:
        """Whether somebody looks: only then the folder is measured."""
        self._is_watched = is_watched
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
        self._set_state(replace(self._state, facts=replace(facts, settings=settings)))
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
        if self._is_watched:
            self._read()

    def _on_changed(self, _changes: object, initiator: object) -> None:
        if self._is_watched and initiator is not self:
            self._read()

    def _set_state(self, state: PrivacyState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit()
