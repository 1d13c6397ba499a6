"""All halls of a site: view-model and page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from analytics.domain.errors import VenueError
from analytics.store.history_folder import SERVER_NAME, read_server_mark
from app.access.guard import act_in_another
from app.core.change_set import ChangeSet
from app.core.credentials import CredentialStore, open_credential_store
from app.core.document import is_in_site
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.cell_text import format_date_time, format_duration, format_number, format_share
from app.gui.session.translation import Translated, display_name, join_names, tr, trn
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.gui.site.model import POLL_INTERVAL_MS, RETRY_INTERVAL_MS
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import (
    KeyedRecordTable,
    TableColumn,
    make_name_column,
    make_number_column,
    make_text_column,
)
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.figure_list import LiveFigure, LiveStrip
from app.gui.widgets.forms import name_control
from app.gui.widgets.layouts import fill, make_label, make_row

if TYPE_CHECKING:
    from analytics.alarms.alarm import Alarm
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


_MAX_ALARMS = 6
_TABLE_PX = 200
_DAY_S = 86_400.0


class HallTable(KeyedRecordTable["HallFigures"]):
    def make_columns(self) -> Sequence[TableColumn[HallFigures]]:
        return (
            make_name_column(tr("Hall"), lambda one: one.name),
            make_number_column(
                tr("People now"), lambda one: one.people, meaning=tr("People in view of the hall's cameras")
            ),
            make_number_column(
                tr("In use"), _find_use, format_share, meaning=tr("People relative to the hall's capacity")
            ),
            make_number_column(
                tr("Footfall today"),
                lambda one: None if one.snapshot is None else one.snapshot.arrivals_today,
                meaning=tr("Inward crossings of the hall's entrance lines since midnight"),
            ),
            make_text_column(
                tr("Cameras read"),
                lambda one: tr("{part} of {all}", part=one.cameras_read, all=one.cameras),
                meaning=tr("Cameras that a machine reads now"),
            ),
            make_text_column(
                tr("Machines running"),
                lambda one: tr("{part} of {all}", part=one.machines_alive, all=one.machines),
                meaning=tr("Machines of the hall that gave a sign of life lately"),
            ),
            make_number_column(
                tr("Missing today"),
                lambda one: one.gap_s,
                format_duration,
                meaning=tr("Time that the average camera of the hall was not observed today"),
            ),
            make_number_column(
                tr("Age of the data"),
                _find_data_age_s,
                format_duration,
                meaning=tr("Time since the end of what the server has of the hall"),
            ),
            make_number_column(
                tr("Alarms"), lambda one: None if one.snapshot is None else len(one.snapshot.alarms)
            ),
        )

    def identify(self, record: HallFigures) -> object:
        return record.name


class HallsView(Translated, QWidget):
    """The page over all halls; renders a `HallsState`."""

    def __init__(
        self,
        viewmodel: HallsViewModel,
        describe_alarm: Callable[[Alarm], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._describe_alarm = describe_alarm
        self._chosen = ""
        self.failure = FailureNote(self)
        self.totals = LiveStrip(self)
        self.note = make_label(role="muted", wraps=True, parent=self)
        self.table = HallTable(self)
        self.halls = RecordList(self.table, table_name="", parent=self)
        self.halls.setMinimumHeight(_TABLE_PX)
        self.alarms = make_label(wraps=True, parent=self)
        self._alarms_title = make_label(role="heading", parent=self)
        self.open_hall, self.choose_hub = QPushButton(self), QPushButton(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 20, 16)
        for widget, stretch in (
            (self.failure, 0), (self.totals, 0), (self.note, 0), (self.halls, 1),
        ):  # fmt: skip
            column.addWidget(widget, stretch)
        column.addLayout(fill(make_row(), self.open_hall, self.choose_hub, 1))
        column.addWidget(self._alarms_title)
        column.addWidget(self.alarms)
        viewmodel.state_changed.connect(self._render)
        self.halls.current_record_changed.connect(self._on_chosen)
        self.halls.table.doubleClicked.connect(lambda _index: self._open())
        self.open_hall.clicked.connect(self._open)
        self.choose_hub.clicked.connect(self._choose_hub)
        self.retranslate()

    def retranslate(self) -> None:
        self.table.retranslate()
        self.halls.set_table_name(tr("Halls"))
        self._alarms_title.setText(tr("Open alarms"))
        name_control(self.open_hall, tr("Open the hall"))
        name_control(self.choose_hub, tr("Where the halls' history is…"))
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._viewmodel.update()

    @property
    def chosen(self) -> HallFigures | None:
        figures = self._viewmodel.state.figures
        halls = () if figures is None else figures.halls
        return next((one for one in halls if one.name == self._chosen), None)

    def _render(self) -> None:
        state = self._viewmodel.state
        failure = None if state.failure is None else state.failure.render(tr)
        self.failure.show_failure(
            "" if failure is None else failure.problem, "" if failure is None else failure.remedy, ""
        )
        figures = state.figures
        for widget in (self.halls, self.note, self.open_hall):
            widget.setVisible(figures is not None)
        self.choose_hub.setVisible(figures is not None and not figures.has_hub_folder)
        self.totals.show_figures(() if figures is None else list_totals(figures))
        self.note.setText("" if figures is None else "\n".join(_list_remarks(figures)))
        self.table.show(() if figures is None else figures.halls)
        alarms = () if figures is None else figures.alarms
        lines = [f"{display_name(hall)}: {self._describe_alarm(alarm)}" for hall, alarm in alarms]
        more = len(lines) - _MAX_ALARMS
        if more > 0:
            lines[_MAX_ALARMS:] = [trn("and {n} more", "and {n} more", more)]
        self.alarms.setText("\n".join(lines))
        for widget in (self.alarms, self._alarms_title):
            widget.setVisible(bool(alarms))
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.open_hall.setEnabled(self.chosen is not None and self.chosen.folder is not None)

    def _on_chosen(self, one: HallFigures) -> None:
        self._chosen = one.name
        self._show_buttons()

    def _open(self) -> None:
        if self.chosen is not None and self.chosen.folder is not None:
            self._viewmodel.open(self.chosen.folder)

    def _choose_hub(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder of the halls' history"))
        if chosen:
            self._viewmodel.choose_hub_folder(Path(chosen))


class HallNote(Translated, QLabel):
    """A line above the pages of a hall whose history is on the server: which hall, and until when."""

    def __init__(self, viewmodel: HallsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "muted")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._viewmodel = viewmodel
        viewmodel.state_changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        state = self._viewmodel.state
        self.setVisible(state.is_from_server)
        age_s = None if state.own is None else state.own.data_age_s
        self.setText(
            tr("{hall}, from the site's server.", hall=display_name(state.hall))
            if age_s is None
            else tr(
                "{hall}, from the site's server: data until {time}.",
                hall=display_name(state.hall),
                time=format_date_time(
                    state.read_utc_s - age_s, time_zone=state.time_zone, has_date=age_s > _DAY_S
                ),
            )
        )


def list_totals(figures: SiteFigures) -> tuple[LiveFigure, ...]:
    halls = figures.halls
    return (
        LiveFigure(tr("People now"), format_number(figures.people), ""),
        LiveFigure(tr("Footfall today"), format_number(figures.arrivals_today), ""),
        LiveFigure(tr("Cameras read"), _count(halls, "cameras_read", "cameras"), ""),
        LiveFigure(tr("Machines running"), _count(halls, "machines_alive", "machines"), ""),
        LiveFigure(tr("Open alarms"), format_number(len(figures.alarms)), ""),
    )


def _count(halls: Sequence[HallFigures], part: str, whole: str) -> str:
    return tr(
        "{part} of {all}",
        part=sum(getattr(one, part) for one in halls),
        all=sum(getattr(one, whole) for one in halls),
    )


def _list_remarks(figures: SiteFigures) -> list[str]:
    """Return what the totals leave out, and who is counted twice."""
    halls = figures.halls
    unknown = [display_name(one.name) for one in halls if one.may_see and one.people is None]
    hidden = [display_name(one.name) for one in halls if not one.may_see]
    doors = figures.doors_between
    if all(one.age_s is None for one in halls):
        return [
            tr(
                "No machine has kept the halls' history so far. On one of them: Settings, Site, 'Keep the "
                "halls' history here…', then let it take part."
            )
        ]
    remarks = [
        tr(
            "People in these halls are not known now, and not in the sum: {halls}.",
            halls=join_names(unknown),
        )
        if unknown
        else "",
        tr(
            "You have no role in these halls, and do not see their figures: {halls}.",
            halls=join_names(hidden),
        )
        if hidden
        else "",
    ]
    if len(halls) > 1:
        remarks.append(
            tr(
                "Whoever walks from one hall to another through these doors came in once: {doors}. If they "
                "are different doors, give their lines different names.",
                doors=join_names(map(display_name, doors)),
            )
            if doors
            else tr(
                "Whoever walks from one hall to another came in twice today. If the entrance line of the "
                "door between them has the same name in both halls, they are counted once."
            )
        )
    return [remark for remark in remarks if remark]


def _find_use(one: HallFigures) -> float | None:
    capacity = None if one.snapshot is None else one.snapshot.capacity
    return one.people / capacity if capacity and one.people is not None else None


def _find_data_age_s(one: HallFigures) -> float | None:
    return one.data_age_s if one.may_see else None
