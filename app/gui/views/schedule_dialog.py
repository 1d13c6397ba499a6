"""Enters one scheduled report: which, when, in which language and format, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from PySide6.QtCore import QLocale, QTime
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTimeEdit,
    QWidget,
)

from app.gui.table_models.schedule_table import name_rhythm, name_target, name_template
from app.gui.theme import current_theme
from app.gui.translation import LANGUAGE_NAMES, current_language, display_name, tr
from app.gui.widgets.save_buttons import make_save_buttons
from app.operations.report_format import ReportFormat
from app.operations.report_template import Template
from app.venue.schedule_file import Rhythm, Schedule, Target

EVENING = time(19)


class ScheduleDialog(QDialog):
    """Its ``schedule_entered`` is what stands in the fields; it is checked when it is written."""

    def __init__(
        self, stands: Sequence[str], *, schedule: Schedule | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Schedule a report") if schedule is None else tr("Change the schedule"))
        self.setMinimumWidth(520)
        self.name, self.to, self.secret, self.at = QLineEdit(), QLineEdit(), QLineEdit(), QTimeEdit()
        self.template, self.stand, self.rhythm, self.weekday = (QComboBox() for _ in range(4))
        self.language, self.file_format, self.target = (QComboBox() for _ in range(3))
        self.is_on = QCheckBox(tr("Switched on"))
        self.is_on.setAccessibleName(self.is_on.text())
        self.browse = QPushButton(tr("Choose…"))
        self.browse.setAccessibleName(tr("Choose a folder"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setPlaceholderText(tr("as it is kept, or none"))
        self.at.setDisplayFormat("HH:mm")
        self.at.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        self._fill(stands)
        self._show(schedule or _make_first())
        self._build()
        for box in (self.template, self.rhythm, self.target):
            box.currentIndexChanged.connect(self._render)
        for text in (self.name, self.to):
            text.textChanged.connect(self._render)
        self.browse.clicked.connect(self._ask_for_folder)
        self._render()

    @property
    def schedule_entered(self) -> Schedule:
        """What stands in the fields."""
        shown = self.at.time()
        template = Template(self.template.currentData())
        return Schedule(
            name=self.name.text().strip(),
            template=template.value,
            rhythm=Rhythm(self.rhythm.currentData()),
            at=time(shown.hour(), shown.minute()),
            target=Target(self.target.currentData()),
            to=self.to.text().strip(),
            language=str(self.language.currentData()),
            file_format=str(self.file_format.currentData()),
            weekday=int(self.weekday.currentData()),
            stand=self.stand.currentData() if template is Template.STAND else None,
            is_enabled=self.is_on.isChecked(),
        )

    def _fill(self, stands: Sequence[str]) -> None:
        for template in Template:
            self.template.addItem(name_template(template.value), template.value)
        for stand in stands:
            self.stand.addItem(display_name(stand), stand)
        for rhythm in Rhythm:
            self.rhythm.addItem(name_rhythm(rhythm), rhythm.value)
        for day in range(7):
            self.weekday.addItem(QLocale().dayName(day + 1), day)
        for code, name in LANGUAGE_NAMES.items():
            self.language.addItem(name, code)
        for chosen in ReportFormat:
            self.file_format.addItem(chosen.value.upper(), chosen.value)
        for target in Target:
            self.target.addItem(name_target(target), target.value)

    def _show(self, schedule: Schedule) -> None:
        self.name.setText(schedule.name)
        self.to.setText(schedule.to)
        self.is_on.setChecked(schedule.is_enabled)
        self.at.setTime(QTime(schedule.at.hour, schedule.at.minute))
        for box, value in (
            (self.template, schedule.template),
            (self.stand, schedule.stand),
            (self.rhythm, schedule.rhythm.value),
            (self.weekday, schedule.weekday),
            (self.language, schedule.language),
            (self.file_format, schedule.file_format),
            (self.target, schedule.target.value),
        ):
            box.setCurrentIndex(max(0, box.findData(value)))

    def _build(self) -> None:
        where = QHBoxLayout()
        where.addWidget(self.to, 1)
        where.addWidget(self.browse)
        self._form = QFormLayout(self)
        for label, field in (
            (tr("Name"), self.name),
            (tr("Report"), self.template),
            (tr("Stand"), self.stand),
            (tr("How often"), self.rhythm),
            (tr("On"), self.weekday),
            (tr("At, venue's time"), self.at),
            (tr("Language of the report"), self.language),
            (tr("Format"), self.file_format),
            (tr("Goes"), self.target),
        ):
            self._form.addRow(label, field)
            field.setAccessibleName(label)
        self._form.addRow(tr("To"), where)
        self._form.addRow(tr("Secret"), self.secret)
        self.to.setAccessibleName(tr("To"))
        self.secret.setAccessibleName(tr("Secret"))
        self.secret.setToolTip(tr("Signs what is posted, so that the other side knows it is ours"))
        self._form.addRow("", self.is_on)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._form.addRow(buttons)

    def _render(self) -> None:
        target = Target(self.target.currentData())
        self._form.setRowVisible(self.stand, self.template.currentData() == Template.STAND.value)
        self._form.setRowVisible(self.weekday, self.rhythm.currentData() == Rhythm.WEEK.value)
        self._form.setRowVisible(self.secret, target is Target.WEBHOOK)
        self.browse.setVisible(target is Target.FOLDER)
        self.to.setPlaceholderText(
            {
                Target.FOLDER: tr("a folder, also of the network"),
                Target.MAIL: tr("addresses with commas between them"),
                Target.WEBHOOK: "https://",
            }[target]
        )
        self._save.setEnabled(bool(self.name.text().strip() and self.to.text().strip()))

    def _ask_for_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), self.to.text())
        if path:
            self.to.setText(path)


def _make_first() -> Schedule:
    return Schedule(
        tr("Every evening"),
        Template.DAILY.value,
        Rhythm.DAY,
        EVENING,
        Target.FOLDER,
        "",
        language=current_language(),
    )
