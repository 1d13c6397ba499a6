"""Show the privacy settings: what is stored and shown of visitors, and the exceptions."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.errors import Phrase, fill_template
from app.access.roles import Permission
from app.core.privacy_file import PreviewMode
from app.gui.privacy.model import ErasureViewModel, PrivacyViewModel
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import current_language, display_name, tr
from app.gui.widgets.date_time_field import DateTimeField
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.forms import (
    clear_grid,
    fill_combo_box,
    make_body,
    make_combo_box,
    make_form,
    make_grid,
    name_control,
)
from app.gui.widgets.layouts import fill, make_label, make_row, open_dialog
from app.gui.widgets.safe_question import ask_confirmation
from app.gui.widgets.settings_card import SettingsCard
from app.gui.widgets.work_row import JobRow
from app.privacy.privacy_facts import PREVIEWS, PrivacyFacts

_WIDTH = 620


class EraseDialog(QDialog):
    """A dialog that erases a period after the venue's name was typed."""

    def __init__(self, viewmodel: ErasureViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        viewmodel.setParent(self)
        self._viewmodel = viewmodel
        self.setWindowTitle(tr("Erase a period"))
        self.setMinimumWidth(_WIDTH)
        self.start, self.end, self.typed = DateTimeField(self), DateTimeField(self), QLineEdit(self)
        self.camera = QComboBox(self)
        self.copies = QCheckBox(tr("Also delete backups and quarantined files"), self)
        self.copies.setAccessibleName(self.copies.text())
        self._description = make_label(wraps=True, is_selectable=True, parent=self)
        self._failure, self._work = FailureNote(self), JobRow(self)
        self.erase, self.close_button = QPushButton(tr("Erase permanently"), self), QPushButton(self)
        self.erase.setAccessibleName(self.erase.text())
        self.erase.setProperty("role", "danger")
        self._build()
        self.start.time_chosen.connect(
            lambda start_s: viewmodel.preview(start_s, viewmodel.state.period_s[1])
        )
        self.end.time_chosen.connect(lambda end_s: viewmodel.preview(viewmodel.state.period_s[0], end_s))
        self.camera.activated.connect(lambda index: viewmodel.choose_camera(str(self.camera.itemData(index))))
        self.copies.toggled.connect(viewmodel.include_copies)
        self.typed.textChanged.connect(lambda _text: self._show_buttons())
        self.erase.clicked.connect(lambda: viewmodel.erase(self.typed.text()))
        self.close_button.clicked.connect(self.reject)
        viewmodel.state_changed.connect(self._show_state)
        venue = viewmodel.venue
        if venue is not None:
            for edit, time_s in zip((self.start, self.end), viewmodel.state.period_s, strict=True):
                edit.show_time(time_s, venue.exhibition)
            # rounded to minutes, as displayed in the fields
            start_s, end_s = (time_s // 60 * 60 for time_s in viewmodel.state.period_s)
            viewmodel.preview(start_s, end_s)
        self._show_state()

    @property
    def description(self) -> str:
        return self._description.text()

    def reject(self) -> None:
        """Close the dialog unless an erasure is running."""
        if not self._viewmodel.state.is_erasing:
            super().reject()

    def _build(self) -> None:
        theme = current_theme()
        form = QFormLayout()
        venue = self._viewmodel.venue
        name = "" if venue is None else venue.name
        for label, field in (
            (tr("From"), self.start),
            (tr("Until"), self.end),
            (tr("Seen by"), self.camera),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        confirm = tr("To erase it, type {name}", name=name)
        self.typed.setAccessibleName(confirm)
        self.typed.setPlaceholderText(name)
        last = QFormLayout()
        last.addRow(confirm, self.typed)
        buttons = fill(QHBoxLayout(), 1, self.close_button, self.erase)
        for button in (self.close_button, self.erase):
            # Enter in a field must not erase anything
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setSpacing(theme.space_m)
        fill(column, form, self._failure, (self._description, 1), self.copies, last, self._work, buttons)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._failure.show_failure(state.problem, state.remedy, "")
        self._list_cameras()
        waiting = (
            ""
            if state.planned or state.problem or state.is_erased
            else tr("Determining what would be erased")
        )
        self._description.setText("\n\n".join(state.sentences) or waiting)
        self.copies.setVisible(bool(state.planned and state.planned.copies))
        self._work.show_job(
            tr("Erasing period") if state.is_erasing else "",
            done=state.done,
            total=state.total,
            can_stop=False,
        )
        for field in (self.start, self.end, self.camera, self.typed, self.copies):
            field.setEnabled(not state.is_erasing and not state.is_erased)
        self._show_buttons()
        # wrapped labels do not request their height by themselves
        self.resize(self.width(), max(self._min_height(), self.minimumSizeHint().height()))

    def _list_cameras(self) -> None:
        state = self._viewmodel.state
        listed = [("", tr("All cameras")), *((name, display_name(name)) for name in state.cameras)]
        if self.camera.count() != len(listed):
            self.camera.clear()
            for name, words in listed:
                self.camera.addItem(words, name)
        self.camera.setCurrentIndex(self.camera.findData(state.camera))

    def _min_height(self) -> int:
        layout = self.layout()
        return 0 if layout is None else layout.totalHeightForWidth(self.width())

    def _show_buttons(self) -> None:
        state = self._viewmodel.state
        self.erase.setVisible(not state.is_erased)
        self.erase.setEnabled(self._viewmodel.is_confirmed_by(self.typed.text()) and not state.is_erasing)
        name_control(self.close_button, tr("Close") if state.is_erased else tr("Cancel"))
        self.close_button.setEnabled(not state.is_erasing)


_BYTES_PER_MB = 1e6
_FIELD_WIDTH, _LIST_WIDTH = 420, 1150


class PrivacyCard(SettingsCard):
    """A settings card that shows a `PrivacyState`; changes apply at once or after a question."""

    def __init__(self, viewmodel: PrivacyViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._dialog: EraseDialog | None = None
        self._question: QMessageBox | None = None
        self._shown: tuple[object, ...] = ()
        self._previews = make_combo_box(self)
        self._previews.activated.connect(self._choose_previews)
        self._fields = {name: QLineEdit(self) for name in ("organiser", "contact", "purpose")}
        self._labels = {name: QLabel(self) for name in ("previews", *self._fields)}
        for field in self._fields.values():
            field.setMinimumWidth(_FIELD_WIDTH)
            field.editingFinished.connect(self._save_details)
        self._body, self._rows = QWidget(self), make_grid(stretched=0, vertical_px=6)
        self._pack, self._erase = QPushButton(self), QPushButton(self)
        require_permission(self._previews, Permission.CHANGE_SETTINGS)
        require_permission(self._erase, Permission.ERASE)
        self._pack.clicked.connect(self._choose_folder)
        self._erase.clicked.connect(self.open_erase_dialog)
        self._build()
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self.show_failure)
        viewmodel.pack_written.connect(self._on_pack_written)
        self.retranslate()

    @property
    def question(self) -> QMessageBox | None:
        """Return the open question before more of visitors is shown."""
        return self._question

    @property
    def erase_dialog(self) -> EraseDialog | None:
        return self._dialog

    def open_erase_dialog(self) -> None:
        dialog = EraseDialog(self._viewmodel.make_erasure(), self.window())
        dialog.finished.connect(self._forget_dialog)
        self._dialog = dialog
        open_dialog(dialog)

    def retranslate(self) -> None:
        self._title.setText(tr("Privacy"))
        for name, text in (
            ("previews", tr("Display of camera pictures")),
            ("organiser", tr("Responsible organiser")),
            ("contact", tr("Contact for visitors")),
            ("purpose", tr("Purpose")),
        ):
            self._labels[name].setText(text)
            (self._previews if name == "previews" else self._fields[name]).setAccessibleName(text)
        self._fields["purpose"].setPlaceholderText(
            tr("Counting visitors and measuring dwell times, to plan the exhibition and keep passages clear")
        )
        self._previews.setToolTip(
            tr(
                "Detected people are blurred, except briefly when they come in. With silhouettes, no "
                "picture leaves the recorder."
            )
        )
        fill_combo_box(self._previews, ((_translate(words), mode) for mode, words in PREVIEWS.items()))
        self._pack.setText(tr("Create privacy pack…"))
        self._pack.setToolTip(
            tr("Record of processing and entrance sign, based on these settings; not legal advice")
        )
        self._erase.setText(tr("Erase a period…"))
        for button in (self._pack, self._erase):
            button.setAccessibleName(button.text())
        self._shown = ()
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        self._viewmodel.watch(is_seen)

    def _build(self) -> None:
        controls: tuple[QWidget, ...] = (self._previews, *self._fields.values())
        body = make_body(self._body)
        body.addLayout(make_form(*zip(self._labels.values(), controls, strict=True)))
        listed = QWidget(self._body)
        # limit the width, so that rows stay readable on a wide screen
        listed.setMaximumWidth(_LIST_WIDTH)
        listed.setLayout(self._rows)
        self._rows.setContentsMargins(0, 0, 0, 0)
        body.addWidget(listed)
        body.addLayout(fill(make_row(), self._pack, self._erase, 1))
        self.column.addWidget(self._body)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        facts = state.facts
        self._body.setVisible(facts is not None)
        if facts is None:
            self._shown = ()
            self._text.setText(
                tr("Reading stored visitor data")
                if state.has_venue
                else tr("Open a venue to see which visitor data it stores.")
            )
            return
        self._text.setText(
            tr("Pictures are analysed in memory and overwritten; none is stored, except as listed below.")
        )
        self._previews.setCurrentIndex(self._previews.findData(facts.settings.previews))
        for name, field in self._fields.items():
            text = str(getattr(facts.settings, name))
            if field.text() != text and not field.hasFocus():
                field.setText(text)
        shown = (facts.stored, facts.exceptions, facts.recipients, facts.unreadable, facts.cameras)
        if shown != self._shown:
            self._shown = shown
            self._list_facts(facts)

    def _list_facts(self, facts: PrivacyFacts) -> None:
        clear_grid(self._rows)
        self._add_head(tr("What is stored"), tr("Kept for"), "MB")
        for kind in facts.stored:
            where = tr("In the venue's folder: {names}", names=", ".join(kind.where))
            size = f"{kind.size_bytes / _BYTES_PER_MB:.1f}"
            self._add_row(_translate(kind.what), _translate(kind.kept), size, note=where)
        self._add_head(tr("Stored pictures"), tr("Number"), "")
        for one in facts.exceptions:
            self._add_row(_translate(one.what), "–" if one.count is None else str(one.count), "")
        self._add_head(tr("Recipients"), "", "")
        for recipient in facts.recipients:
            self._add_row(_translate(recipient.what), "", "")
        if not facts.recipients:
            self._add_row(tr("None"), "", "")
        for phrase in facts.unreadable:
            self._add_row(_translate(phrase), "", "", role="bad")
        masked = [
            tr("{name} ({count})", name=display_name(name), count=masks)
            for name, masks in facts.cameras
            if masks
        ]
        self._add_head(tr("Cameras with privacy masks"), "", "")
        self._add_row(", ".join(masked) or tr("None"), "", "")

    def _add_head(self, *texts: str) -> None:
        self._add(texts, is_head=True)

    def _add_row(self, *texts: str, role: str = "", note: str = "") -> None:
        self._add(texts, role=role, note=note)

    def _add(self, texts: tuple[str, ...], *, is_head: bool = False, role: str = "", note: str = "") -> None:
        row = self._rows.rowCount()
        for column, text in enumerate(texts):
            label = make_label(text=text, parent=self)
            label.setToolTip(note)
            label.setProperty("role", role)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            if is_head:
                font = label.font()
                font.setBold(True)
                label.setFont(font)
                label.setContentsMargins(0, 10, 0, 0)
            if column == 0:
                label.setWordWrap(True)
                label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._rows.addWidget(label, row, column)
            label.show()

    def _save_details(self) -> None:
        self._viewmodel.set_details(**{name: field.text() for name, field in self._fields.items()})

    def _choose_previews(self, index: int) -> None:
        mode = PreviewMode(self._previews.itemData(index))
        weakening, facts = self._viewmodel.describe_weakening(mode), self._viewmodel.state.facts
        if weakening is None or facts is None:
            self._viewmodel.choose_previews(mode)
            return
        if self._question is not None:
            return

        def finish(is_agreed: bool) -> None:
            self._question = None
            if is_agreed:
                self._viewmodel.choose_previews(mode)
            else:
                self._viewmodel.reset_previews()

        now, then = (_translate(PREVIEWS[one]) for one in (facts.settings.previews, mode))
        self._question = ask_confirmation(
            self,
            tr("Privacy"),
            tr("Show more of visitors than before?"),
            tr("Now: {now}. From now on: {then}.", now=now, then=then) + "\n\n" + _translate(weakening),
            yes=tr("Show more"),
            on_answer=finish,
        )

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self.window(), tr("Choose a folder for the privacy pack"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(partial(self._write_pack))
        open_dialog(dialog)

    def _write_pack(self, folder: str) -> None:
        self._viewmodel.write_pack(Path(folder), current_language())

    def _forget_dialog(self) -> None:
        self._dialog = None

    def _on_pack_written(self, folder: str) -> None:
        self.notice.show_message(lambda: tr("The privacy pack was saved."), folder, tone="good")


def _translate(phrase: Phrase) -> str:
    return fill_template(phrase.template, phrase.fields, tr)
