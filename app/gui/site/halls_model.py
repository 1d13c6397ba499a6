"""View-model of the page over all halls of a site, and of the choice of a hall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from PySide6.QtCore import QTimer, Signal

from analytics.domain.errors import VenueError
from analytics.store.history_folder import SERVER_NAME, read_server_mark
from app.access.guard import act_in_another
from app.core.change_set import ChangeSet
from app.core.credentials import CredentialStore, open_credential_store
from app.core.document import is_in_site
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.gui.site.model import POLL_INTERVAL_MS, RETRY_INTERVAL_MS

if TYPE_CHECKING:
    from app.site.site_status import HallFigures, SiteFigures


@dataclass(frozen=True, slots=True)
class HallsState:
    """All halls of the site that the open venue is in.

    Attributes:
        is_member: whether it is in one.
        is_from_server: whether it is a hall's folder at the hub, whose history is on the server.
        hall: its name, if so.
        time_zone: of the open venue.
        figures: as last read; None before.
        read_utc_s: when that was.
        failure: why they could not be read lately; None if they are current.
    """

    is_member: bool = False
    is_from_server: bool = False
    hall: str = ""
    time_zone: str = "UTC"
    figures: SiteFigures | None = None
    read_utc_s: float = 0.0
    failure: ErrorReport | None = None

    @property
    def own(self) -> HallFigures | None:
        """The open hall, if it is a hall's folder at the hub and was read."""
        halls = () if self.figures is None or not self.is_from_server else self.figures.halls
        return next((one for one in halls if one.name == self.hall), None)


class HallsViewModel(VenueViewModel[HallsState]):
    """The view-model of the halls; reads them every few seconds while the open venue is in a site."""

    hall_chosen = Signal(object)
    """The folder of the hall to open."""
    failed = Signal(object)
    """An `ErrorReport` of what a person wanted to do."""

    def __init__(self, *, store: CredentialStore | None = None, **parts: Unpack[VenueParts]) -> None:
        super().__init__(HallsState(), **parts)
        self._store = store
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.update)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def list_places(self) -> list[tuple[str, Path]]:
        """Return the names and folders of the halls that can be opened here, and of this machine's venue."""
        figures = self._state.figures
        if figures is None:
            return []
        places = [(one.name, one.folder) for one in figures.halls if one.folder is not None]
        own = (tr("This machine: {venue}", venue=figures.own_folder.stem), figures.own_folder)
        return [place for place in [*places, own] if place[1] != self._find_folder()]

    def open(self, folder: Path) -> None:
        """Open a hall; whoever is the same person there stays signed in."""
        here = self._find_folder()
        try:
            if here is not None:
                act_in_another(here, folder)
        except VenueError as error:
            self.failed.emit(describe_error(error))
            return
        self.hall_chosen.emit(folder)

    def choose_hub_folder(self, hub_folder: Path) -> None:
        """Remember where the history of the halls is on this computer."""

        def work(folder: Path) -> None:
            from app.site.hub_folder import list_hall_folders
            from app.site.site_document import find_known_site, remember_site, require_membership

            membership = require_membership(folder)
            halls = list_hall_folders(hub_folder)
            if not any(read_server_mark(one.folder)["site_id"] == membership.site_id for one in halls):
                raise VenueError(
                    "{folder} does not hold the halls of the site '{site}'.",
                    "Choose the folder that a machine of the site was started with: python -m app site run "
                    "--hub FOLDER. It has to be shared with this computer.",
                    folder=hub_folder,
                    site=membership.site,
                )
            own = find_known_site(membership.site_id).get("venue", str(folder))
            remember_site(Path(own), membership, hub_folder=hub_folder)

        self._run(work, lambda _none: self.update())

    def update(self) -> None:
        """Read the halls, if the open venue is in a site."""

        def work(folder: Path) -> SiteFigures:
            from app.site.site_status import read_site_figures

            if self._store is None:
                # in a worker since a keyring may not answer
                self._store = open_credential_store()
            return read_site_figures(folder, store=self._store)

        def finish(figures: SiteFigures) -> None:
            self._timer.setInterval(POLL_INTERVAL_MS)
            self._change_state(figures=figures, read_utc_s=self._clock.now_utc_s(), failure=None)

        def fail(report: ErrorReport) -> None:
            self._timer.setInterval(RETRY_INTERVAL_MS)
            self._change_state(failure=report)

        if self._state.is_member:
            self._run(work, finish, fail)

    def _run(
        self,
        work: Callable[[Path], object],
        on_done: Callable[..., object],
        on_failed: Callable[[ErrorReport], object] | None = None,
    ) -> None:
        folder = self._find_folder()
        if folder is None:
            return

        def if_open(act: Callable[..., object]) -> Callable[..., None]:
            def act_if_open(result: object) -> None:
                if self._find_folder() == folder:
                    act(result)

            return act_if_open

        self._job_runner.run_latest(
            "halls" if on_failed else "hub folder",
            lambda: tr("Reading the halls"),
            lambda _job: work(folder),
            on_done=if_open(on_done),
            on_failed=if_open(on_failed or self.failed.emit),
        )

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        folder = self._find_folder()
        if changes.settings and (folder is not None and is_in_site(folder)) != self._state.is_member:
            self._on_venue_opened()

    def _on_venue_opened(self) -> None:
        self._timer.stop()
        folder = self._find_folder()
        is_from_server = folder is not None and (folder / SERVER_NAME).exists()
        is_member = folder is not None and is_in_site(folder)
        # the same site, in most cases: its figures stay until they are read again
        figures = self._state.figures if is_member else None
        venue = self._app_state.venue
        hall = venue.name if venue is not None and is_from_server else ""
        zone = "UTC" if venue is None else venue.exhibition.time_zone
        self._set_state(
            HallsState(is_member, is_from_server, hall, zone, figures, read_utc_s=self._state.read_utc_s)
        )
        if is_member:
            self._timer.start(POLL_INTERVAL_MS)
            self.update()
