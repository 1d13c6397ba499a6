"""Settings card: archive and restore the venue, and record it unattended."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox, QPushButton, QWidget

from app.access.roles import Permission
from app.archive.unarchive_venue import ArchiveContents
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.session.whole_venue import WholeVenueViewModel
from app.gui.widgets.layouts import fill, make_column, make_row
from app.gui.widgets.titled_card import TitledCard

_FILES = "*.zip"
_MB = 1e6


class WholeVenueCard(Translated, TitledCard):
    """Card of a `WholeVenueState`."""

    def __init__(self, viewmodel: WholeVenueViewModel, parent: QWidget | None = None) -> None:
        content = QWidget()
        super().__init__(content, parent)
        self._viewmodel = viewmodel
        frame = self.layout()
        assert frame is not None
        # like the other cards of the page
        frame.setContentsMargins(18, 14, 18, 16)
        self.archive, self.restore = QPushButton(), QPushButton()
        require_permission(self.archive, Permission.EXPORT_PERSONS)
        require_permission(self.archive, Permission.EXPORT_PERSONS)
        self._left_out, self._service, self._done = QLabel(), QLabel(), QLabel()
        for label in (self._left_out, self._service, self._done):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self._left_out, self._service):
            label.setProperty("role", "muted")
        row = fill(make_row(spacing=current_theme().space_m), self.archive, self.restore, 1)
        column = fill(make_column(content, margins=0, spacing=current_theme().space_s), row)
        for label in (self._left_out, self._done, self._service):
            column.addWidget(label)
        self.archive.clicked.connect(self._on_archive_clicked)
        self.restore.clicked.connect(self._on_restore_clicked)
        viewmodel.state_changed.connect(self._render)
        viewmodel.agreement_needed.connect(self._confirm_restore)
        self.retranslate()

    def retranslate(self) -> None:
        self.show_texts(
            tr("The whole venue"),
            tr("One file with the plan, the cameras and everything recorded, including tracks."),
        )
        for button, text, name in (
            (self.archive, tr("Archive"), tr("Archive the venue into one file")),
            (self.restore, tr("Restore"), tr("Restore a venue from an archive")),
        ):
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
        self._left_out.setText(
            tr("Not included: passwords, users and their PINs, backups, and reports waiting to be sent.")
        )
        self._viewmodel.refresh()
        self._render()

    def _render(self) -> None:
        state = self._viewmodel.state
        self.archive.setEnabled(bool(state.folder) and not state.is_busy)
        self.restore.setEnabled(not state.is_busy)
        self._done.setText(state.note)
        self._done.setVisible(bool(state.note))
        how = tr(
            "To record without this window from machine start: sudo python -m app service install "
            "--venue {folder}. A service has no keyring: its passwords are in an encrypted file "
            "that only its account and root can read.",
            folder=f'"{state.folder}"',
        )
        self._service.setText(state.recorded_by or how)
        self._service.setVisible(bool(state.folder))

    def _on_archive_clicked(self) -> None:
        name = self._viewmodel.state.archive_name
        file, _kind = QFileDialog.getSaveFileName(self, tr("Archive the venue into one file"), name, _FILES)
        if file:
            # the dialog has already confirmed the replacement
            Path(file).unlink(missing_ok=True)
            self._viewmodel.archive(Path(file))

    def _on_restore_clicked(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, tr("Restore a venue from an archive"), "", _FILES)
        if not file:
            return
        parent = QFileDialog.getExistingDirectory(self, tr("Where to put the venue's folder"))
        if parent:
            self._viewmodel.restore(Path(file), Path(parent))

    def _confirm_restore(self, contents: ArchiveContents, file: Path, parent: Path) -> None:
        question = QMessageBox(
            QMessageBox.Icon.Warning,
            tr("Restore a venue from an archive"),
            tr(
                "{file} is {size:.1f} MB, and the venue in it takes {content:.1f} MB. Restore it?",
                file=file.name,
                size=contents.size_bytes / _MB,
                content=contents.content_bytes / _MB,
            ),
            QMessageBox.StandardButton.Cancel,
            self.window(),
        )
        question.setInformativeText(tr("Restore only archives from a source you trust."))
        question.setTextFormat(Qt.TextFormat.PlainText)
        button = question.addButton(tr("Restore"), QMessageBox.ButtonRole.AcceptRole)
        question.setDefaultButton(QMessageBox.StandardButton.Cancel)
        button.clicked.connect(lambda: self._viewmodel.restore(file, parent, is_confirmed=True))
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.open()
