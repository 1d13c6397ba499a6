"""Dialogs for calibration by a lens data sheet, a rectangle, a chessboard and walkers."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLabel, QWidget

from app.gui.calibration.calibration_methods_model import CalibrationMethods, WalkersPrior
from app.gui.calibration.model import CalibrationViewModel
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.widgets.layouts import fill, make_column, make_dialog_buttons
from app.gui.widgets.number_field import NumberField

_MAX_LENGTH, _MAX_SQUARES = 1000.0, 60
_DEFAULT_SIDES_M = (3.0, 2.0)
_DEFAULT_SQUARES, _DEFAULT_SQUARE_M = (9, 6), 0.1
_DEFAULT_FOV_DEG, _DEFAULT_HEIGHT_M, _DEFAULT_SIGMA_M = 90.0, 1.68, 0.03
"""Initial values; height and spread are those of ``calibrate --walkers``."""
_MAX_FOV_DEG, _MAX_STATURE_M, _MAX_SIGMA_M = 170.0, 2.2, 0.3
_MAX_FOCAL_MM, _MAX_SENSOR_MM, _MAX_SHEET_DEG = 200.0, 60.0, 179.0
_DEFAULT_FOCAL_MM, _DEFAULT_SENSOR_MM, _DEFAULT_SHEET_DEG = 2.8, 5.4, 105.0
"""Initial values of a dome camera with a 1/2.8 inch sensor."""


class CalibrationMethodDialog(QDialog):
    """A form with a note and a start button."""

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
        self,
        name: str,
        *,
        maximum: float,
        default: float,
        decimals: int,
        unit: str,
        minimum: float | None = None,
    ) -> NumberField:
        """Add a number row; the default minimum is the smallest positive value that it can show."""
        minimum = 10.0**-decimals if minimum is None else minimum
        field = NumberField(minimum=minimum, maximum=maximum, decimals=decimals, unit=unit, parent=self)
        field.setValue(default)
        self._add(name, field)
        return field

    def add_count(self, name: str, default: int) -> NumberField:
        """Add a row for a number of squares."""
        return self.add_number(name, maximum=_MAX_SQUARES, default=default, decimals=0, unit="")

    def add_choice(self, name: str, *choices: str) -> QComboBox:
        """Add a row with a choice of one."""
        field = QComboBox(self)
        field.addItems(choices)
        self._add(name, field)
        return field

    def add_place(self, *, can_place_by_points: bool) -> QComboBox:
        """Add a row for how the shape is placed on the plan."""
        field = self.add_choice(
            tr("Position on the plan"), tr("Click on the plan"), tr("Use the existing points")
        )
        if can_place_by_points:
            field.setCurrentIndex(1)
        else:
            field.removeItem(1)
        return field

    def _add(self, name: str, field: QWidget) -> None:
        field.setAccessibleName(name)
        self.form.addRow(name, field)


class LensDataSheetDialog(CalibrationMethodDialog):
    """The dialog for the lens data of a data sheet."""

    def __init__(self, viewmodel: CalibrationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Lens from the data sheet"),
            tr("Use this lens"),
            tr("For a zoom camera, enter all three values for the current focal length."),
            parent,
        )
        self._viewmodel = viewmodel
        self.focal, self.sensor, self.fov = (
            self.add_number(name, maximum=maximum, default=default, decimals=decimals, unit=unit, minimum=0.1)
            for name, maximum, default, decimals, unit in (
                (tr("Focal length"), _MAX_FOCAL_MM, _DEFAULT_FOCAL_MM, 2, "mm"),
                (tr("Width of the sensor"), _MAX_SENSOR_MM, _DEFAULT_SENSOR_MM, 2, "mm"),
                (tr("Horizontal field of view"), _MAX_SHEET_DEG, _DEFAULT_SHEET_DEG, 1, "°"),
            )
        )

    def accept(self) -> None:
        """Set the lens from the entered values."""
        self._viewmodel.set_data_sheet(
            focal_mm=self.focal.value(),
            sensor_width_mm=self.sensor.value(),
            horizontal_fov_deg=self.fov.value(),
        )
        super().accept()


class RectangleDialog(CalibrationMethodDialog):
    """The dialog for a rectangle's sides and its placement."""

    def __init__(
        self, methods: CalibrationMethods, parent: QWidget | None, *, can_place_by_points: bool
    ) -> None:
        super().__init__(
            tr("Calibrate with a rectangle"),
            tr("Click corners"),
            tr(
                "Measure both sides of a rectangle on the floor, such as a carpet, tiles or tape "
                "marks. The larger it is in the picture, the better."
            ),
            parent,
        )
        self._ways = methods
        unit = current_units()
        self.width_field, self.depth_field = (
            self.add_number(
                name, maximum=_MAX_LENGTH, default=unit.from_metres(default_m), decimals=3, unit=unit.symbol
            )
            for name, default_m in zip(
                (tr("From the first to the second corner"), tr("From the second to the third corner")),
                _DEFAULT_SIDES_M,
                strict=True,
            )
        )
        self.place = self.add_place(can_place_by_points=can_place_by_points)

    def accept(self) -> None:
        """Start clicking the corners."""
        self._ways.start_rectangle(
            self.width_field.value(),
            self.depth_field.value(),
            is_placed_by_points=self.place.currentIndex() == 1,
        )
        super().accept()


class ChessboardDialog(CalibrationMethodDialog):
    """The dialog for a board's squares, on the floor or hand-held for the lens."""

    def __init__(
        self, methods: CalibrationMethods, parent: QWidget | None, *, can_place_by_points: bool
    ) -> None:
        super().__init__(
            tr("Calibrate with a chessboard"),
            tr("Find board"),
            tr(
                "A board on the floor gives points. Held up in three to five pictures, it gives "
                "straight lines for estimating the lens."
            ),
            parent,
        )
        self._ways = methods
        unit = current_units()
        self.use = self.add_choice(
            tr("The board"), tr("on the floor: points"), tr("held up: lines for the lens")
        )
        self.across = self.add_count(tr("Squares along the first side"), _DEFAULT_SQUARES[0])
        self.down = self.add_count(tr("Squares along the second side"), _DEFAULT_SQUARES[1])
        self.square = self.add_number(
            tr("Square size"),
            maximum=_MAX_LENGTH,
            default=unit.from_metres(_DEFAULT_SQUARE_M),
            decimals=4,
            unit=unit.symbol,
        )
        self.place = self.add_place(can_place_by_points=can_place_by_points)
        self.use.currentIndexChanged.connect(self._on_use_chosen)

    def accept(self) -> None:
        """Take a picture and find the board."""
        across, down = round(self.across.value()), round(self.down.value())
        if self.use.currentIndex() == 1:
            self._ways.find_held_chessboard(across, down)
        else:
            self._ways.find_chessboard_on_floor(
                across, down, self.square.value(), is_placed_by_points=self.place.currentIndex() == 1
            )
        super().accept()

    def _on_use_chosen(self, index: int) -> None:
        for field in (self.square, self.place):
            field.setEnabled(index == 0)


class WalkersDialog(CalibrationMethodDialog):
    """The dialog for the field of view and the mean height of people."""

    def __init__(self, methods: CalibrationMethods, parent: QWidget | None) -> None:
        super().__init__(
            tr("Calibrate with walkers"),
            tr("Start collecting"),
            tr(
                "No tape measure is needed: the camera's height and tilt follow from the boxes of "
                "people of known mean height, and its position from two or more clicked points. "
                "While this camera records, let at least ten people walk near and far, left and "
                "right."
            ),
            parent,
        )
        self._ways = methods
        unit = current_units()
        self.fov = self.add_number(
            tr("Horizontal field of view"),
            maximum=_MAX_FOV_DEG,
            default=_DEFAULT_FOV_DEG,
            decimals=1,
            unit="°",
        )
        self.height_field = self.add_number(
            tr("Mean height of people"),
            maximum=unit.from_metres(_MAX_STATURE_M),
            default=unit.from_metres(_DEFAULT_HEIGHT_M),
            decimals=2,
            unit=unit.symbol,
        )
        self.sigma = self.add_number(
            tr("Uncertainty"),
            maximum=unit.from_metres(_MAX_SIGMA_M),
            default=unit.from_metres(_DEFAULT_SIGMA_M),
            decimals=2,
            unit=unit.symbol,
        )

    def accept(self) -> None:
        """Start collecting."""
        unit = current_units()
        self._ways.start_walkers(
            WalkersPrior(
                self.fov.value(),
                unit.to_metres(self.height_field.value()),
                unit.to_metres(self.sigma.value()),
            )
        )
        super().accept()
