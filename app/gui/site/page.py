"""The settings card of the site: its machines and cameras, and dialogs to create and join one."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QWidget,
)

from app.access.roles import Permission
from app.core.document import FOLDER_SUFFIX
from app.gui.session.cell_text import format_share
from app.gui.session.job_runner import JobHandle
from app.gui.session.permissions import require_permission
from app.gui.session.translation import display_name, join_names, tr, translate_phrase
from app.gui.site.model import CreateRequest, JoinRequest, SiteViewModel
from app.gui.widgets.form_dialog import FormDialog, Submit, make_text_field
from app.gui.widgets.forms import fill_combo_box, make_combo_box, name_control
from app.gui.widgets.layouts import fill, make_label, make_row, open_dialog
from app.gui.widgets.safe_question import ask_confirmation
from app.gui.widgets.settings_card import SettingsCard
from app.gui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from app.site.join import JoinCode, JoinPreview
    from app.site.settings_sync import SentChange
    from app.site.site_status import MachineStatus, SiteCamera, SiteJob, SiteStatus

T = TypeVar("T")
_MAX_ROWS = 12
_NEW_HALL = ""
_PARTS = {
    "settings": "settings",
    "exhibition": "exhibition",
    "plan": "plan",
    "obstacles": "obstacles",
    "geometry": "layout versions",
    "zones": "zones",
    "lines": "lines",
    "cameras": "cameras",
    "planned_cameras": "planned cameras",
    "targets": "targets",
    "corrections": "corrections",
    "users": "users",
    "timeline.toml": "timeline",
    "findings.toml": "findings",
}
"""Names of the kinds of settings that are shared."""
_SETTINGS = {
    "model_name": "Model",
    "analysed_fps": "Frames per second",
    "tracks_kept_days": "Keep tracks for",
    "tracks_most_gb": "Limit tracks to",
}
"""Names of the shared settings of the analysis and the tracks."""


class SiteDialog(FormDialog):
    """A dialog of text fields, all of which are needed."""

    def __init__(
        self,
        title: str,
        text: str,
        fields: Sequence[tuple[str, str, bool]],
        *,
        save: str,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, accept=save, submit=submit, parent=parent)
        self.add_note(text)
        self.fields = [
            self.add(label, label, make_text_field(start, is_secret=is_secret), is_needed=True)
            for label, start, is_secret in fields
        ]

    @property
    def texts(self) -> list[str]:
        """The entered texts, without spaces around them."""
        return list(self.values.values())


class SiteCard(SettingsCard):
    """A settings card that shows a `SiteState`."""

    def __init__(self, viewmodel: SiteViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._stale = make_label(role="bad", wraps=True, parent=self)
        self.machines, self.cameras, self.changes, self.jobs = (
            TextTable(columns, self, max_rows=_MAX_ROWS) for columns in (7, 4, 3, 3)
        )
        self._machines_title, self._cameras_title, self._changes_title, self._jobs_title = (
            make_label(role="heading", parent=self) for _ in range(4)
        )
        self.cancel = QPushButton(self)
        self._shown_jobs: tuple[SiteJob, ...] = ()
        self.create_site, self.join, self.add, self.leave = (QPushButton(self) for _ in range(4))
        self.drain, self.remove, self.assign, self.part = (QPushButton(self) for _ in range(4))
        self.keep_history, self.undo = QPushButton(self), QPushButton(self)
        self._halls = make_label(wraps=True, parent=self)
        self.hall, self.target = make_combo_box(self), make_combo_box(self)
        self._code_of: Path | None = None
        self._hall_label, self._target_label = QLabel(self), QLabel(self)
        column = self.column
        column.addWidget(self._stale)
        column.addWidget(self._halls)
        column.addLayout(fill(make_row(), self.part, self.keep_history, 1))
        column.addWidget(self._machines_title)
        column.addWidget(self.machines)
        column.addLayout(fill(make_row(), self.drain, self.remove, 1))
        column.addLayout(fill(make_row(), self._hall_label, self.hall, self.add, 1))
        column.addWidget(self._cameras_title)
        column.addWidget(self.cameras)
        column.addLayout(fill(make_row(), self._target_label, self.target, self.assign, 1))
        column.addWidget(self._jobs_title)
        column.addWidget(self.jobs)
        column.addLayout(fill(make_row(), self.cancel, 1))
        column.addWidget(self._changes_title)
        column.addWidget(self.changes)
        column.addLayout(fill(make_row(), self.undo, 1))
        column.addLayout(fill(make_row(), self.create_site, self.join, self.leave, 1))
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("Several machines and halls"))
        self._machines_title.setText(tr("Machines"))
        self._cameras_title.setText(tr("Cameras"))
        self._changes_title.setText(tr("Changes of the hall's settings"))
        self._jobs_title.setText(tr("Work of the site"))
        self._hall_label.setText(tr("A machine for"))
        self._target_label.setText(tr("Read the camera by"))
        self.hall.setAccessibleName(tr("Hall of the new machine"))
        self.target.setAccessibleName(tr("Machine that reads the camera"))
        self.machines.setAccessibleName(tr("Machines"))
        self.cameras.setAccessibleName(tr("Cameras"))
        self.changes.setAccessibleName(tr("Changes of the hall's settings"))
        self.jobs.setAccessibleName(tr("Work of the site"))
        for button, text in (
            (self.create_site, tr("Create a site…")),
            (self.join, tr("Join a site…")),
            (self.leave, tr("Leave the site…")),
            (self.add, tr("Make a join code")),
            (self.remove, tr("Remove the machine…")),
            (self.assign, tr("Move the camera")),
            (self.keep_history, tr("Keep the halls' history here…")),
            (self.undo, tr("Undo the change")),
            (self.cancel, tr("Cancel this job")),
        ):
            name_control(button, text)
        self.machines.setHorizontalHeaderLabels(
            [tr("Name"), tr("Hall"), tr("State"), tr("Cameras"), tr("Load"), tr("Clock"), tr("Free disk")]
        )
        self.cameras.setHorizontalHeaderLabels(
            [tr("Camera"), tr("Hall"), tr("Read by"), tr("Chosen machine")]
        )
        self.changes.setHorizontalHeaderLabels([tr("What"), tr("By"), tr("Time")])
        self.jobs.setHorizontalHeaderLabels([tr("Job"), tr("Hall"), tr("State")])
        self._show_state()

    def watch(self, is_visible: bool) -> None:
        if is_visible:
            self._viewmodel.update()

    @property
    def chosen_machine(self) -> MachineStatus | None:
        return self._find_chosen(self.machines, lambda status: status.machines)

    @property
    def chosen_camera(self) -> SiteCamera | None:
        return self._find_chosen(self.cameras, lambda status: status.cameras)

    @property
    def chosen_change(self) -> SentChange | None:
        return self._find_chosen(self.changes, lambda _status: self._viewmodel.state.changes)

    @property
    def chosen_job(self) -> SiteJob | None:
        row = self.jobs.chosen_row
        return None if row is None or row >= len(self._shown_jobs) else self._shown_jobs[row]

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self.show_failure)
        viewmodel.notified.connect(lambda word: self.notice.show_message(word, tone="good"))
        viewmodel.code_made.connect(self._show_code)
        viewmodel.previewed.connect(self._ask_to_join)
        self.machines.itemSelectionChanged.connect(self._show_buttons)
        self.cameras.itemSelectionChanged.connect(self._show_buttons)
        self.changes.itemSelectionChanged.connect(self._show_buttons)
        self.jobs.itemSelectionChanged.connect(self._show_buttons)
        self.cancel.clicked.connect(self._cancel)
        self.create_site.clicked.connect(self._open_create_dialog)
        self.join.clicked.connect(self._open_join_dialog)
        self.leave.clicked.connect(self._ask_to_leave)
        self.add.clicked.connect(lambda: viewmodel.make_code(self.hall.currentData() or None))
        self.drain.clicked.connect(self._drain)
        self.part.clicked.connect(lambda: viewmodel.take_part(not viewmodel.state.is_taking_part))
        self.remove.clicked.connect(self._ask_to_remove)
        self.assign.clicked.connect(self._assign)
        self.keep_history.clicked.connect(self._choose_hub_folder)
        self.undo.clicked.connect(self._undo)
        for widget in (
            self.create_site, self.join, self.leave, self.add, self.hall, self.remove, self.keep_history,
        ):  # fmt: skip
            require_permission(widget, Permission.ADMINISTER_USERS)
        for widget in (self.drain, self.assign, self.target):
            require_permission(widget, Permission.EDIT_CAMERAS)
        require_permission(self.part, Permission.RECORD)
        require_permission(self.undo, Permission.CHANGE_SETTINGS)
        require_permission(self.cancel, Permission.EDIT_PLAN)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        if self._code_of not in (None, self._viewmodel.folder):
            # the users of the venue that is open now have no right to it
            self._code_of = None
            self.notice.hide()
        status = state.status
        self._text.setText(
            tr("Open a venue to connect it with others, or join a hall of a site: its venue is then created.")
            if not state.has_venue
            else tr(
                "One machine needs no server. Where it is not enough, several machines and halls form a site "
                "on a PostgreSQL server: they share cameras and settings, and if one fails, others take over."
            )
            if not state.is_member
            else tr("Reading the site")
            if status is None
            else tr(
                "This is the hall '{hall}' of the site '{site}', as the server has it.",
                hall=status.hall,
                site=status.site,
            )
            if state.is_from_server
            else tr(
                "This machine is '{machine}' in the hall '{hall}' of the site '{site}'.",
                machine=status.machine,
                hall=status.hall,
                site=status.site,
            )
        )
        failure = state.failure
        self._stale.setVisible(failure is not None)
        self._stale.setText("" if failure is None else failure.to_text(tr))
        has_status = state.is_member and status is not None
        for widget in (
            self._halls, self.machines, self.cameras, self._machines_title, self._cameras_title, self.drain,
            self.remove,
            self.assign, self.hall, self.target, self._hall_label, self._target_label, self.add,
            self._changes_title, self.changes, self.undo,
        ):  # fmt: skip
            widget.setVisible(has_status)
        self.create_site.setVisible(state.has_venue and not state.is_member)
        self.join.setVisible(not state.is_member)
        for widget in (self._jobs_title, self.jobs, self.cancel):
            widget.setVisible(has_status and status is not None and bool(status.jobs))
        for widget in (self.leave, self.part, self.keep_history):
            widget.setVisible(state.is_member and not state.is_from_server)
        name_control(
            self.part,
            tr("Stop taking part")
            if state.is_taking_part
            else tr("Take part: record the cameras that fall to this machine"),
        )
        if status is not None:
            self._halls.setText("\n".join(_describe_hall(status, hall) for hall in status.halls))
            self.machines.show_rows([_describe_machine(one) for one in status.machines])
            self.cameras.show_rows(
                [
                    (
                        display_name(one.name),
                        one.hall,
                        one.machine or "–",
                        one.wanted_machine or tr("the site chooses"),
                    )
                    for one in status.cameras
                ],
            )
            self.changes.show_rows([_describe_change(one) for one in state.changes])
            self._show_jobs(status.jobs)
            _offer(self.hall, [*((one, one) for one in status.halls), (tr("a new hall"), _NEW_HALL)])
            _offer(
                self.target,
                [(tr("whichever has room"), ""), *((one.name, one.name) for one in status.machines)],
            )
        self._show_buttons()

    def _show_jobs(self, jobs: tuple[SiteJob, ...]) -> None:
        """Show the jobs; the selected one stays selected, wherever it is now."""
        chosen = self.chosen_job
        self._shown_jobs = jobs
        self.jobs.show_rows(
            [(translate_phrase(one.title), one.hall, translate_phrase(one.state)) for one in jobs]
        )
        self.jobs.clearSelection()
        for row, one in enumerate(jobs):
            if chosen is not None and one.number == chosen.number:
                self.jobs.selectRow(row)

    def _show_buttons(self) -> None:
        is_free = not self._viewmodel.state.is_busy
        machine = self.chosen_machine
        self.drain.setEnabled(is_free and machine is not None)
        name_control(
            self.drain,
            tr("Let it take cameras again")
            if machine is not None and machine.is_draining
            else tr("Hand its cameras over"),
        )
        self.remove.setEnabled(is_free and machine is not None and not machine.is_this)
        self.assign.setEnabled(is_free and self.chosen_camera is not None)
        self.undo.setEnabled(is_free and self.chosen_change is not None)
        job = self.chosen_job
        self.cancel.setEnabled(is_free and job is not None and job.is_unfinished)
        for button in (self.create_site, self.join, self.leave, self.add, self.part, self.keep_history):
            button.setEnabled(is_free)

    def _find_chosen(self, table: TextTable, find: Callable[..., Sequence[T]]) -> T | None:
        row, status = table.chosen_row, self._viewmodel.state.status
        entries = () if status is None else find(status)
        return None if row is None or row >= len(entries) else entries[row]

    def _drain(self) -> None:
        if (machine := self.chosen_machine) is not None:
            self._viewmodel.drain(machine.name, is_draining=not machine.is_draining)

    def _cancel(self) -> None:
        if (job := self.chosen_job) is not None:
            self._viewmodel.cancel_job(job.number)

    def _assign(self) -> None:
        if (camera := self.chosen_camera) is not None:
            self._viewmodel.move(camera.name, camera.hall, self.target.currentData() or None)

    def _undo(self) -> None:
        if (change := self.chosen_change) is not None:
            self._viewmodel.undo(change.number)

    def _choose_hub_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder for the history of all halls"))
        if chosen:
            self._viewmodel.keep_history(Path(chosen))

    def _open_create_dialog(self) -> None:
        def create(form: SiteDialog) -> JobHandle | None:
            self.notice.hide()
            name, hall, machine, address, user, password = form.texts
            return self._viewmodel.create(CreateRequest(address, user, password, name, machine, hall))

        open_dialog(
            SiteDialog(
                tr("Create a site"),
                tr(
                    "Enter an empty PostgreSQL database, and a user of it who may create users. The password "
                    "is used once and not kept."
                ),
                (
                    (tr("Name of the site"), "", False),
                    (tr("Name of this hall"), self._viewmodel.hall_name, False),
                    (tr("Name of this machine"), socket.gethostname(), False),
                    (tr("Database address (HOST:PORT/DATABASE)"), "", False),
                    (tr("Database user"), "", False),
                    (tr("Password"), "", True),
                ),
                save=tr("Create"),
                submit=create,
                parent=self,
            )
        )

    def _open_join_dialog(self) -> None:
        has_venue = self._viewmodel.state.has_venue

        def preview(form: SiteDialog) -> JobHandle | None:
            self.notice.hide()
            code, address, machine, last = form.texts
            names = {"hall": last} if has_venue else {"folder": last}
            return self._viewmodel.preview(JoinRequest(code, address, machine, **names))

        open_dialog(
            SiteDialog(
                tr("Join a site"),
                tr("Make a join code on a machine of the site: Settings, Site. What changes is shown first."),
                (
                    (tr("Join code"), "", False),
                    (tr("Database address (HOST:PORT/DATABASE)"), "", False),
                    (tr("Name of this machine"), socket.gethostname(), False),
                    (tr("Name of this hall, if it is a new one"), self._viewmodel.hall_name, False)
                    if has_venue
                    else (
                        tr("Folder of the venue to create"),
                        str(Path.home() / f"hall{FOLDER_SUFFIX}"),
                        False,
                    ),
                ),
                save=tr("Continue"),
                submit=preview,
                parent=self,
            )
        )

    def _ask_to_join(self, preview: JoinPreview, request: JoinRequest) -> None:
        if preview.is_new_hall:
            title = tr("Join '{site}' with the hall '{hall}'?", site=preview.site, hall=preview.hall)
            text = tr("History, users and cameras of this venue stay here, and are seen by the site.")
        else:
            title = tr("Help with the hall '{hall}' of '{site}'?", site=preview.site, hall=preview.hall)
            lines = [
                tr("Added to the hall: {names}.", names=join_names(preview.added)) if preview.added else "",
                tr("Replaced here by the hall's: {names}.", names=join_names(preview.replaced))
                if preview.replaced
                else "",
            ]
            text = "\n".join(line for line in lines if line) or tr("Nothing here is replaced.")
        ask_confirmation(
            self,
            tr("Join a site"),
            title,
            text,
            yes=tr("Join"),
            on_answer=lambda is_agreed: self._viewmodel.join(request) if is_agreed else None,
        )

    def _show_code(self, made: JoinCode, address: str) -> None:
        self._code_of = self._viewmodel.folder
        self.notice.show_message(
            lambda: tr("Join code: {code}", code=made.code),
            lambda: tr(
                "Enter it on the other machine until {time}: Settings, Site. Database address: {address}",
                time=f"{made.expires_utc.astimezone():%H:%M}",
                address=address,
            ),
            tone="good",
        )

    def _ask_to_remove(self) -> None:
        if (machine := self.chosen_machine) is None:
            return
        name = machine.name
        ask_confirmation(
            self,
            tr("Remove the machine"),
            tr("Remove '{name}' from the site?", name=name),
            tr("It is shut out. What it recorded stays, and it can join again with a new code."),
            yes=tr("Remove"),
            on_answer=lambda is_agreed: self._viewmodel.remove(name) if is_agreed else None,
        )

    def _ask_to_leave(self) -> None:
        is_offline = self._viewmodel.state.failure is not None
        ask_confirmation(
            self,
            tr("Leave the site"),
            tr("Leave the site?"),
            tr("The server does not answer: remove this machine on another later. Recorded data stays here.")
            if is_offline
            else tr("Other machines take its cameras. What was recorded here stays."),
            yes=tr("Leave"),
            on_answer=lambda is_agreed: self._viewmodel.leave(offline=is_offline) if is_agreed else None,
        )


def _describe_hall(status: SiteStatus, hall: str) -> str:
    cameras = [one for one in status.cameras if one.hall == hall]
    machines = [one for one in status.machines if one.hall == hall]
    return tr(
        "{hall}: {read} of {cameras} cameras are read, {alive} of {machines} machines run.",
        hall=hall,
        read=sum(bool(one.machine) for one in cameras),
        cameras=len(cameras),
        alive=sum(one.is_alive for one in machines),
        machines=len(machines),
    )


def _describe_machine(machine: MachineStatus) -> tuple[str, ...]:
    clock_ms = None if machine.clock_offset_s is None else machine.clock_offset_s * 1000.0
    return (
        tr("{machine} (this one)", machine=machine.name) if machine.is_this else machine.name,
        machine.hall,
        _describe_state(machine),
        str(len(machine.cameras)),
        format_share(machine.busy_share),
        "–"
        if clock_ms is None
        else tr("wrong: {offset} ms", offset=f"{clock_ms:+.0f}")
        if machine.has_wrong_clock
        else f"{clock_ms:+.0f} ms",
        "–" if machine.disk_free_gb is None else f"{machine.disk_free_gb:.0f} GB",
    )


def _describe_change(change: SentChange) -> tuple[str, ...]:
    named: dict[str, list[str]] = {}
    for one in change.changes:
        kind, _, name = one.part.partition("/")
        if kind == "files":
            kind, _, name = name.partition("/")
        name = tr(_SETTINGS.get(name, "others")) if kind == "settings" else name.rpartition("/")[2]
        named.setdefault(kind, []).append("" if name.startswith("#") else display_name(name))
    what = tr("; ").join(
        tr("{name}: {value}", name=tr(_PARTS[kind]), value=join_names(filter(None, names)))
        if kind in _PARTS and any(names)
        else tr(_PARTS.get(kind, "others"))
        for kind, names in named.items()
    )
    return what, change.author, f"{change.at_utc.astimezone():%Y-%m-%d %H:%M}"


def _describe_state(machine: MachineStatus) -> str:
    if machine.heartbeat_age_s is None:
        return tr("not started yet")
    if not machine.is_alive:
        return tr("silent for {minutes} min", minutes=max(1, int(machine.heartbeat_age_s // 60)))
    return tr("handing over") if machine.is_draining else tr("running")


def _offer(choice: QComboBox, entries: Sequence[tuple[str, str]]) -> None:
    if [(choice.itemText(at), choice.itemData(at)) for at in range(choice.count())] == list(entries):
        return
    chosen = choice.currentData()
    fill_combo_box(choice, entries)
    choice.setCurrentIndex(max(0, choice.findData(chosen)))
