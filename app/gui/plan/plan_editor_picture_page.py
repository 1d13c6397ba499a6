"""The picture below the plan: import, scale, angle, and what is shown of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.canvas.plan_editor_drafts import EditorTool
from app.gui.plan.plan_editor_picture_model import PlanPictureViewModel
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.session.units import current_units
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.scrolled_content import scroll_content
from app.plan.floor_scene import Point

_KINDS = "*.png *.jpg *.jpeg *.svg *.pdf *.dxf"
_UNITS = ("mm", "cm", "m", "in", "ft")
_MOST_PAGES = 2000
_LONGEST = 100_000.0


class PlanEditorPicture(Translated, QFrame):
    """Renders a `PictureState`."""

    tool_asked = Signal(object)
    """The `EditorTool` with which a person is to show a place on the plan."""

    def __init__(self, viewmodel: PlanPictureViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._span: tuple[Point, Point] | None = None
        self.text, self.span_text = QLabel(), QLabel()
        self._import_title, self._scale_title, self._place_title = QLabel(), QLabel(), QLabel()
        self.page = NumberField(least=1, most=_MOST_PAGES, decimals=0, unit="")
        self.unit, self.takes_hall = QComboBox(), QCheckBox()
        self.choose, self.cancel, self.points, self.apply = (QPushButton() for _ in range(4))
        self.length = NumberField(least=0, most=_LONGEST, decimals=2, unit="m")
        # the button beside it is to be used as soon as something is typed
        self.length.setKeyboardTracking(True)
        self.with_drawing = QCheckBox()
        self.angle = NumberField(least=-180, most=180, decimals=1, unit="°")
        self.turn, self.crop, self.whole, self.remove = (QPushButton() for _ in range(4))
        self._page_label, self._unit_label = QLabel(), QLabel()
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Take the window's language and units."""
        self._import_title.setText(tr("Import a plan"))
        self._scale_title.setText(tr("Scale"))
        self._place_title.setText(tr("Place"))
        self._page_label.setText(tr("Page of a PDF file"))
        self.page.setAccessibleName(tr("Page of a PDF file"))
        self._unit_label.setText(tr("Unit of a DXF file"))
        self.unit.setAccessibleName(tr("Unit of a DXF file"))
        self.unit.setItemText(0, tr("As it says"))
        self.takes_hall.setText(tr("A DXF file's outline is the hall"))
        self.with_drawing.setText(tr("Zones grow with the picture"))
        self.with_drawing.setToolTip(tr("They were drawn on it before its scale was known"))
        for box in (self.takes_hall, self.with_drawing):
            box.setAccessibleName(box.text())
        self.length.setSuffix(f" {current_units().symbol}")
        self.length.setAccessibleName(tr("Length between the two points"))
        self.angle.setAccessibleName(tr("Angle, counter-clockwise"))
        for button, text, name in (
            (self.choose, tr("Choose a file…"), tr("Import PNG, JPEG, SVG, PDF or DXF")),
            (self.cancel, tr("Cancel"), tr("Do not import the file")),
            (self.points, tr("Show two points"), tr("Click two points whose distance you know")),
            (self.apply, tr("Set the scale"), tr("Let the two points be so far from each other")),
            (self.turn, tr("Turn"), tr("Turn the picture by the angle")),
            (self.crop, tr("Crop"), tr("Drag over the part of the picture that is to be shown")),
            (self.whole, tr("Show all"), tr("Show the whole picture again")),
            (self.remove, tr("Take it away"), tr("Lay no picture below the plan")),
        ):
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
        self._viewmodel.retranslate()
        self._render()

    def take_span(self, span: tuple[Point, Point]) -> None:
        """Two points were shown: their distance is asked for."""
        self._span = span
        self._render()
        self.length.setFocus()
        self.length.selectAll()

    def forget_span(self) -> None:
        """No points are shown any longer."""
        if self._span is not None:
            self._span = None
            self._render()

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_s)
        for title in (self._import_title, self._scale_title, self._place_title):
            title.setProperty("role", "title")
        for label in (self.text, self.span_text):
            label.setProperty("role", "small")
            label.setWordWrap(True)
        self.unit.addItem("", None)
        for unit in _UNITS:
            self.unit.addItem(unit, unit)
        self.takes_hall.setChecked(True)
        form = QFormLayout()
        form.setVerticalSpacing(theme.space_xs)
        form.addRow(self._page_label, self.page)
        form.addRow(self._unit_label, self.unit)
        self.choose.setProperty("role", "primary")
        column.addWidget(self._import_title)
        column.addLayout(form)
        column.addWidget(self.takes_hall)
        column.addLayout(_make_row(self.choose, self.cancel))
        column.addWidget(self._scale_title)
        column.addWidget(self.text)
        column.addWidget(self.points)
        column.addWidget(self.span_text)
        column.addLayout(_make_row(self.length, self.apply))
        column.addWidget(self.with_drawing)
        column.addWidget(self._place_title)
        column.addLayout(_make_row(self.angle, self.turn))
        column.addLayout(_make_row(self.crop, self.whole))
        column.addWidget(self.remove)
        column.addStretch(1)
        scroll_content(self, content)

    def _bind(self) -> None:
        model = self._viewmodel
        model.state_changed.connect(self._render)
        self.choose.clicked.connect(self._on_choose_clicked)
        self.cancel.clicked.connect(model.cancel)
        self.points.clicked.connect(lambda: self.tool_asked.emit(EditorTool.SCALE))
        self.crop.clicked.connect(lambda: self.tool_asked.emit(EditorTool.CROP))
        self.apply.clicked.connect(self._on_apply_clicked)
        self.length.lineEdit().returnPressed.connect(self.apply.click)
        self.length.valueChanged.connect(self._render)
        self.turn.clicked.connect(lambda: model.turn(self.angle.value()))
        self.whole.clicked.connect(model.show_all)
        self.remove.clicked.connect(model.remove)

    def _render(self, *_value: object) -> None:
        state = self._viewmodel.state
        self.text.setText(state.text)
        self.choose.setEnabled(state.has_venue and not state.is_importing)
        self.cancel.setVisible(state.is_importing)
        has_span = self._span is not None and state.is_sized
        self.span_text.setText(
            tr("Say how far the two points are from each other.")
            if has_span
            else tr("Show two points on the picture, such as the ends of the longest wall.")
        )
        self.points.setEnabled(state.is_sized)
        self.length.setEnabled(has_span)
        self.with_drawing.setEnabled(has_span)
        self.apply.setEnabled(has_span and self.length.value() > 0)
        for widget in (self.angle, self.turn, self.remove):
            widget.setEnabled(state.has_picture)
        self.crop.setEnabled(state.is_sized)
        self.whole.setEnabled(state.is_cropped and state.is_sized)

    def _on_choose_clicked(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, tr("Choose a file"), "", _KINDS)
        if file:
            self._viewmodel.import_file(
                Path(file),
                page=round(self.page.value()),
                unit=self.unit.currentData(),
                takes_hall=self.takes_hall.isChecked(),
            )

    def _on_apply_clicked(self) -> None:
        length_m = current_units().to_metres(self.length.value())
        if self._span is not None and self._viewmodel.set_scale(
            self._span, length_m, with_drawing=self.with_drawing.isChecked()
        ):
            self.tool_asked.emit(EditorTool.SELECT)


def _make_row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(current_theme().space_s)
    for widget in widgets:
        row.addWidget(widget, 1)
    row.setAlignment(Qt.AlignmentFlag.AlignTop)
    return row
