"""Asks for what has to be known beforehand of a rectangle, of a chessboard and of people who walk through."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QLabel,
    QWidget,
)

from app.gui.calibration.calibration_ways_model import CalibrationWays, WalkersFigures
from app.gui.calibration.model import CalibrationViewModel
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.widgets.layouts import fill, make_column, make_dialog_buttons
from app.gui.widgets.number_field import NumberField

_LONGEST, _MAX_SQUARES = 1000.0, 60
_USUAL_SIDES_M = (3.0, 2.0)
_USUAL_SQUARES, _USUAL_SQUARE_M = (9, 6), 0.1
_USUAL_FOV_DEG, _USUAL_HEIGHT_M, _USUAL_SIGMA_M = 90.0, 1.68, 0.03
"""Examples that are typed over; height and spread are those of ``calibrate --walkers``."""
_MAX_FOV_DEG, _TALLEST_M, _MAX_SIGMA_M = 170.0, 2.2, 0.3
_MAX_FOCAL_MM, _MAX_SENSOR_MM, _MAX_SHEET_DEG = 200.0, 60.0, 179.0
_USUAL_FOCAL_MM, _USUAL_SENSOR_MM, _USUAL_SHEET_DEG = 2.8, 5.4, 105.0
"""Of a dome camera with a 1/2.8 inch sensor; they stand there as examples."""


class WayDialog(QDialog):
    """A form with a note, and a button that begins; open it with ``open``."""

    def __init__(self, title: str, begin: str, note: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        theme = current_theme()
        self.form = QFormLayout()
        words = QLabel(note, self)
        words.setWordWrap(True)
        words.setProperty("role", "small")
        words.setMinimumWidth(420)
        buttons, self.begin = make_dialog_buttons(self, begin)
        column = make_column(self, margins=theme.space_l, spacing=theme.space_m)
        fill(column, words, self.form, buttons)

    def add_number(
        self, name: str, *, most: float, usual: float, decimals: int, unit: str, least: float | None = None
    ) -> NumberField:
        """Add a row with a number from ``least`` on, by default the smallest above zero that it shows."""
        least = 10.0**-decimals if least is None else least
        field = NumberField(minimum=least, maximum=most, decimals=decimals, unit=unit, parent=self)
        field.setValue(usual)
        self._add(name, field)
        return field

    def add_count(self, name: str, usual: int) -> NumberField:
        """A row with a number of squares."""
        return self.add_number(name, most=_MAX_SQUARES, usual=usual, decimals=0, unit="")

    def add_choice(self, name: str, *choices: str) -> QComboBox:
        """A row with a few lines of which one is chosen."""
        field = QComboBox(self)
        field.addItems(choices)
        self._add(name, field)
        return field

    def add_place(self, *, can_place_by_points: bool) -> QComboBox:
        """A row that asks how the shape finds its place on the plan."""
        field = self.add_choice(
            tr("Where it lies"), tr("I click it on the plan"), tr("By the points that are there")
        )
        if can_place_by_points:
            field.setCurrentIndex(1)
        else:
            field.removeItem(1)
        return field

    def _add(self, name: str, field: QWidget) -> None:
        field.setAccessibleName(name)
        self.form.addRow(name, field)


class LensDataSheetDialog(WayDialog):
    """The view-model says what it makes of the figures."""

    def __init__(self, viewmodel: CalibrationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Lens from its data sheet"),
            tr("Take this lens"),
            tr("For a camera with a zoom, all three belong to the focal length that is set."),
            parent,
        )
        self._viewmodel = viewmodel
        self.focal, self.sensor, self.fov = (
            self.add_number(name, most=most, usual=usual, decimals=decimals, unit=unit, least=0.1)
            for name, most, usual, decimals, unit in (
                (tr("Focal length"), _MAX_FOCAL_MM, _USUAL_FOCAL_MM, 2, "mm"),
                (tr("Width of the sensor"), _MAX_SENSOR_MM, _USUAL_SENSOR_MM, 2, "mm"),
                (tr("Horizontal angle of view"), _MAX_SHEET_DEG, _USUAL_SHEET_DEG, 1, "°"),
            )
        )

    def accept(self) -> None:
        """Take the figures."""
        self._viewmodel.take_data_sheet(
            focal_mm=self.focal.value(),
            sensor_width_mm=self.sensor.value(),
            horizontal_fov_deg=self.fov.value(),
        )
        super().accept()


class RectangleDialog(WayDialog):
    """Two lengths, and how the rectangle finds its place."""

    def __init__(self, ways: CalibrationWays, parent: QWidget | None, *, can_place_by_points: bool) -> None:
        super().__init__(
            tr("Calibrate by a rectangle"),
            tr("Click its corners"),
            tr(
                "Measure both sides of a rectangle on the floor: a carpet, tiles, marks of tape. The larger "
                "it is in the picture, the better."
            ),
            parent,
        )
        self._ways = ways
        unit = current_units()
        self.width_field, self.depth_field = (
            self.add_number(
                name, most=_LONGEST, usual=unit.from_metres(usual_m), decimals=3, unit=unit.symbol
            )
            for name, usual_m in zip(
                (tr("From the first to the second corner"), tr("From the second to the third corner")),
                _USUAL_SIDES_M,
                strict=True,
            )
        )
        self.place = self.add_place(can_place_by_points=can_place_by_points)

    def accept(self) -> None:
        """Let the corners be clicked."""
        self._ways.begin_rectangle(
            self.width_field.value(),
            self.depth_field.value(),
            is_placed_by_points=self.place.currentIndex() == 1,
        )
        super().accept()


class ChessboardDialog(WayDialog):
    """The board's squares, and whether it lies on the floor or is held up for the lens."""

    def __init__(self, ways: CalibrationWays, parent: QWidget | None, *, can_place_by_points: bool) -> None:
        super().__init__(
            tr("Calibrate by a chessboard"),
            tr("Look for it"),
            tr(
                "A board that lies on the floor gives points. Held up, in three to five pictures, it gives "
                "straight lines by which the lens can be estimated."
            ),
            parent,
        )
        self._ways = ways
        unit = current_units()
        self.use = self.add_choice(
            tr("The board"), tr("lies on the floor: points"), tr("is held up: lines for the lens")
        )
        self.across = self.add_count(tr("Squares along its first side"), _USUAL_SQUARES[0])
        self.down = self.add_count(tr("Squares along its second side"), _USUAL_SQUARES[1])
        self.square = self.add_number(
            tr("Side of a square"),
            most=_LONGEST,
            usual=unit.from_metres(_USUAL_SQUARE_M),
            decimals=4,
            unit=unit.symbol,
        )
        self.place = self.add_place(can_place_by_points=can_place_by_points)
        self.use.currentIndexChanged.connect(self._on_use_chosen)

    def accept(self) -> None:
        """Take a picture and look for the board."""
        across, down = round(self.across.value()), round(self.down.value())
        if self.use.currentIndex() == 1:
            self._ways.find_chessboard_in_hand(across, down)
        else:
            self._ways.find_chessboard_on_floor(
                across, down, self.square.value(), is_placed_by_points=self.place.currentIndex() == 1
            )
        super().accept()

    def _on_use_chosen(self, index: int) -> None:
        for field in (self.square, self.place):
            field.setEnabled(index == 0)


class WalkersDialog(WayDialog):
    """The angle of view and how tall people are."""

    def __init__(self, ways: CalibrationWays, parent: QWidget | None) -> None:
        super().__init__(
            tr("Calibrate by people who walk through"),
            tr("Watch who walks by"),
            tr(
                "No tape is needed: from the boxes of people of known mean height the camera's height and "
                "tilt follow, and two or more points that are clicked say where it stands. While this camera "
                "records, let at least ten people walk near and far, left and right."
            ),
            parent,
        )
        self._ways = ways
        unit = current_units()
        self.fov = self.add_number(
            tr("Horizontal angle of view"), most=_MAX_FOV_DEG, usual=_USUAL_FOV_DEG, decimals=1, unit="°"
        )
        self.height_field = self.add_number(
            tr("Mean height of the people"),
            most=unit.from_metres(_TALLEST_M),
            usual=unit.from_metres(_USUAL_HEIGHT_M),
            decimals=2,
            unit=unit.symbol,
        )
        self.sigma = self.add_number(
            tr("Give or take"),
            most=unit.from_metres(_MAX_SIGMA_M),
            usual=unit.from_metres(_USUAL_SIGMA_M),
            decimals=2,
            unit=unit.symbol,
        )

    def accept(self) -> None:
        """Begin to gather."""
        unit = current_units()
        self._ways.begin_walkers(
            WalkersFigures(
                self.fov.value(),
                unit.to_metres(self.height_field.value()),
                unit.to_metres(self.sigma.value()),
            )
        )
        super().accept()
