"""What is stored of visitors, what of them is shown, and the exceptions, for the settings page."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
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
from app.error_reporting import ErrorReport
from app.gui.permissions import needs
from app.gui.translation import current_language, display_name, tr
from app.gui.viewmodels.privacy import PrivacyViewModel
from app.gui.views.erase_dialog import EraseDialog
from app.gui.views.models_card import clear_grid
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.safe_question import ask_first
from app.gui.widgets.settings_card import SettingsCard
from app.operations.privacy_facts import PREVIEWS, PrivacyFacts
from app.venue.privacy_file import PreviewMode

_BYTES_PER_MB = 1e6
_FIELD_WIDTH, _LIST_WIDTH = 420, 1150


class PrivacyCard(SettingsCard):
    """Shows a `PrivacyState`; what a person enters holds at once, or after a question."""

    def __init__(self, viewmodel: PrivacyViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._dialog: EraseDialog | None = None
        self._question: QMessageBox | None = None
        self._shown: tuple[object, ...] = ()
        self.setProperty("role", "card")
        self._title, self._text = QLabel(self), QLabel(self)
        self._title.setProperty("role", "title")
        self._text.setProperty("role", "muted")
        self._text.setWordWrap(True)
        self._previews = QComboBox(self)
        self._previews.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._previews.activated.connect(self._choose_previews)
        self._fields = {name: QLineEdit(self) for name in ("organiser", "contact", "purpose")}
        self._labels = {name: QLabel(self) for name in ("previews", *self._fields)}
        for field in self._fields.values():
            field.setMinimumWidth(_FIELD_WIDTH)
            field.editingFinished.connect(self._tell)
        self._notice = NotificationBanner(self)
        self._notice.hide()
        self._body, self._rows = QWidget(self), QGridLayout()
        self._pack, self._erase = QPushButton(self), QPushButton(self)
        needs(self._previews, Permission.CHANGE_SETTINGS)
        needs(self._erase, Permission.ERASE)
        self._pack.clicked.connect(self._ask_for_folder)
        self._erase.clicked.connect(self.ask_for_period)
        self._build()
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self._on_failed)
        viewmodel.pack_written.connect(self._on_pack_written)
        self.retranslate()

    @property
    def question(self) -> QMessageBox | None:
        """What is asked before more of visitors is shown, while it is asked."""
        return self._question

    @property
    def erase_dialog(self) -> EraseDialog | None:
        """The window that asks for a period, while it is open."""
        return self._dialog

    def ask_for_period(self) -> None:
        """Open the window that erases."""
        dialog = EraseDialog(self._viewmodel.make_erasure(), self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._forget_dialog)
        self._dialog = dialog
        dialog.open()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._title.setText(tr("Privacy"))
        for name, text in (
            ("previews", tr("The window shows of cameras")),
            ("organiser", tr("Organiser, who answers for it")),
            ("contact", tr("Where visitors reach them")),
            ("purpose", tr("What it is for")),
        ):
            self._labels[name].setText(text)
            (self._previews if name == "previews" else self._fields[name]).setAccessibleName(text)
        self._fields["purpose"].setPlaceholderText(
            tr(
                "Counting visitors and measuring how long they stay where, to plan the exhibition and "
                "keep ways free"
            )
        )
        self._previews.setToolTip(
            tr(
                "Blurring follows the people who were found, for a moment not those who just came in. With "
                "figures alone no picture leaves the recorder."
            )
        )
        self._previews.clear()
        for mode, words in PREVIEWS.items():
            self._previews.addItem(_tell(words), mode)
        self._pack.setText(tr("Write the privacy pack…"))
        self._pack.setToolTip(
            tr(
                "Record of processing, entrance sign and notes on the law, from these settings; no legal "
                "advice"
            )
        )
        self._erase.setText(tr("Erase a period…"))
        for button in (self._pack, self._erase):
            button.setAccessibleName(button.text())
        self._shown = ()
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        """Have the folder looked at while somebody sees the card."""
        self._viewmodel.watch(is_seen)

    def _build(self) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(10)
        form.setColumnStretch(2, 1)
        controls: dict[str, QWidget] = {"previews": self._previews, **self._fields}
        for row, (name, control) in enumerate(controls.items()):
            form.addWidget(self._labels[name], row, 0)
            form.addWidget(control, row, 1)
        self._rows.setHorizontalSpacing(24)
        self._rows.setVerticalSpacing(6)
        self._rows.setColumnStretch(0, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._pack)
        buttons.addWidget(self._erase)
        buttons.addStretch(1)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(14)
        body.addLayout(form)
        listed = QWidget(self._body)
        # what belongs together is read together, also on a wide screen
        listed.setMaximumWidth(_LIST_WIDTH)
        listed.setLayout(self._rows)
        self._rows.setContentsMargins(0, 0, 0, 0)
        body.addWidget(listed)
        body.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addWidget(self._notice)
        column.addWidget(self._body)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        facts = state.facts
        self._body.setVisible(facts is not None)
        if facts is None:
            self._shown = ()
            self._text.setText(
                tr("Looking at what is stored of visitors")
                if state.has_venue
                else tr("Open a venue to see what is stored of visitors.")
            )
            return
        self._text.setText(
            tr(
                "Pictures are analysed in memory and overwritten; none is stored, but for what is listed "
                "below."
            )
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
            self._add_row(_tell(kind.what), _tell(kind.kept), size, note=where)
        self._add_head(tr("Pictures that are kept on purpose"), tr("So far or now"), "")
        for one in facts.exceptions:
            self._add_row(_tell(one.what), "–" if one.count is None else str(one.count), "")
        self._add_head(tr("Who is sent something"), "", "")
        for recipient in facts.recipients:
            self._add_row(_tell(recipient.what), "", "")
        if not facts.recipients:
            self._add_row(tr("Nobody"), "", "")
        for phrase in facts.unreadable:
            self._add_row(_tell(phrase), "", "", role="bad")
        masked = [f"{display_name(name)} ({masks})" for name, masks in facts.cameras if masks]
        self._add_head(tr("Cameras with privacy masks"), "", "")
        self._add_row(", ".join(masked) or tr("None"), "", "")

    def _add_head(self, *texts: str) -> None:
        self._add(texts, is_head=True)

    def _add_row(self, *texts: str, role: str = "", note: str = "") -> None:
        self._add(texts, role=role, note=note)

    def _add(self, texts: tuple[str, ...], *, is_head: bool = False, role: str = "", note: str = "") -> None:
        row = self._rows.rowCount()
        for column, text in enumerate(texts):
            label = QLabel(text, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
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

    def _tell(self) -> None:
        self._viewmodel.tell(**{name: field.text() for name, field in self._fields.items()})

    def _choose_previews(self, index: int) -> None:
        mode = PreviewMode(self._previews.itemData(index))
        weakening, facts = self._viewmodel.find_weakening(mode), self._viewmodel.state.facts
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
                self._viewmodel.keep_previews()

        now, then = (_tell(PREVIEWS[one]) for one in (facts.settings.previews, mode))
        self._question = ask_first(
            self,
            tr("Privacy"),
            tr("Show more of visitors than now?"),
            tr("Now: {now}. From now on: {then}.", now=now, then=then) + "\n\n" + _tell(weakening),
            yes=tr("Show more"),
            on_answer=finish,
        )

    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self.window(), tr("Choose a folder for the privacy pack"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(partial(self._write_pack))
        dialog.open()

    def _write_pack(self, folder: str) -> None:
        self._viewmodel.write_pack(Path(folder), current_language())

    def _forget_dialog(self) -> None:
        self._dialog = None

    def _on_pack_written(self, folder: str) -> None:
        self._notice.show_message(lambda: tr("The privacy pack was written."), folder, tone="good")

    def _on_failed(self, report: ErrorReport) -> None:
        self._notice.show_message(lambda: report.tell_again(tr).problem, lambda: report.tell_again(tr).remedy)


def _tell(phrase: Phrase) -> str:
    return fill_template(phrase.template, phrase.fields, tr)
