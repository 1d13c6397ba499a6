"""The appearance of the window: one table of design tokens per theme, and its palette and style sheet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDateTimeEdit,
    QDial,
    QLineEdit,
    QProxyStyle,
    QSlider,
    QTabBar,
    QWidget,
)

from resources.files import resource_path

_GUARDED = (QAbstractSpinBox, QComboBox, QDial, QSlider, QTabBar)
"""Widgets that Qt changes by the wheel; scroll bars and lists keep scrolling."""


class WheelGuard(QObject):
    """Lets the wheel change a field only while it has the focus, and scroll the page otherwise."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is not QEvent.Type.Wheel or not isinstance(watched, QWidget) or _has_focus(watched):
            return False
        # Qt passes ignored events on to the parents, up to the page
        event.ignore()
        return True


class SectionSelector(QObject):
    """Selects the part of a date or time that is clicked, or the first one when all is typed over.

    Qt ignores what is typed in either case, so that a time would keep its old value.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(watched, QLineEdit):
            field = watched.parent()
            is_clicked = event.type() is QEvent.Type.MouseButtonRelease and not watched.hasSelectedText()
            if is_clicked and isinstance(field, QDateTimeEdit):
                field.setSelectedSection(field.currentSection())
        elif isinstance(watched, QDateTimeEdit) and isinstance(event, QKeyEvent):
            line = watched.lineEdit()
            is_typed = event.type() is QEvent.Type.KeyPress and event.text().isdigit()
            if is_typed and line.selectedText() == line.text():
                watched.setSelectedSection(watched.sectionAt(0))
        return False


class GuardedStyle(QProxyStyle):
    """A style that installs a `WheelGuard` on every field that it polishes, and a `SectionSelector` on times.

    A filter of the whole application would do the same, but Python would be asked about each of the 100,000
    events that opening the window takes.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._guard, self._selector = WheelGuard(self), SectionSelector(self)

    def polish(self, target: QWidget | QPalette | QApplication) -> None:  # type: ignore[override]
        """Polish a widget; fields get the guard and no focus by the wheel."""
        super().polish(target)
        if isinstance(target, _GUARDED):
            target.installEventFilter(self._guard)
            if target.focusPolicy() is Qt.FocusPolicy.WheelFocus:
                target.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if isinstance(target, QDateTimeEdit):
            for watched in (target, target.lineEdit()):
                watched.installEventFilter(self._selector)


def _has_focus(field: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (focused is field or field.isAncestorOf(focused))


FONT_FAMILIES = ("ExpoFlow Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC")
"""Our font first, then system fonts in case it cannot be loaded."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Design tokens: colours as ``#rrggbb``, lengths in device-independent pixels, fonts in points.

    Attributes:
        raised: what lies on a surface: buttons, fields, the row under the pointer.
        less, more: what has decreased and increased; told apart by people who see colours differently.
        zones: told apart by people who see colours differently; used in their order.
    """

    name: str
    background: str
    surface: str
    raised: str
    border: str
    text: str
    text_muted: str
    accent: str
    accent_text: str
    good: str
    warning: str
    bad: str
    zones: tuple[str, ...]
    rail: str
    less: str
    more: str
    space_xs: int = 4
    space_s: int = 8
    space_m: int = 12
    space_l: int = 20
    radius_s: int = 5
    radius_m: int = 9
    font_small_pt: float = 9.0
    font_pt: float = 10.0
    font_title_pt: float = 13.0
    font_figure_pt: float = 20.0

    @property
    def is_dark(self) -> bool:
        return QColor(self.background).lightness() < 128


_ZONES = (
    *("#e5484d", "#12a594", "#8e6cef", "#0ea5e9", "#f59e0b", "#d6409f", "#65a30d", "#a0785a"),
    *("#9600c3", "#963c5a", "#96c387", "#5a1eff", "#b4b4d2", "#874b00", "#0087b4", "#a50f87"),
)
"""At least 0.1 apart in OKLab, each as far as possible from those before it, visible in both themes."""

LIGHT = Theme(
    name="light",
    background="#f4f6fa",
    surface="#ffffff",
    raised="#eef1f6",
    border="#dfe4ec",
    text="#182230",
    text_muted="#566274",
    accent="#1668dc",
    accent_text="#ffffff",
    good="#137a52",
    warning="#9a5b00",
    bad="#c4314b",
    zones=_ZONES,
    rail="#ffffff",
    less="#0b5fa5",
    more="#d95f02",
)
DARK = Theme(
    name="dark",
    background="#0f141b",
    surface="#171d26",
    raised="#212936",
    border="#2a3341",
    text="#e8edf4",
    text_muted="#9aa7b8",
    accent="#4098ff",
    accent_text="#06121f",
    good="#35c48b",
    warning="#f0b04a",
    bad="#ff6b7d",
    zones=_ZONES,
    rail="#0a0e14",
    less="#56b4e9",
    more="#ff9e3d",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
CELL_FRAME_PX = 3
"""Space that Fusion leaves around a cell's text: a margin of two pixels and a focus frame of one."""


class _Shown:
    """The theme of the process."""

    def __init__(self) -> None:
        self.theme = LIGHT


_shown = _Shown()


def current_theme() -> Theme:
    """Return the current theme; read it again on ``PaletteChange`` and ``StyleChange``."""
    return _shown.theme


def install_theme(app: QApplication, theme: Theme) -> None:
    """Apply a theme; every widget gets ``PaletteChange`` and ``StyleChange`` events.

    Nothing happens, and nothing is styled again, where the theme is in force already.
    """
    is_styled = bool(app.styleSheet())
    if is_styled and theme == _shown.theme:
        return
    if is_styled:
        # replacing a style sheet takes Qt five times as long as setting one
        app.setStyleSheet("")
    _shown.theme = theme
    if not is_styled:
        app.setStyle(GuardedStyle("Fusion"))
    font = QFont()
    font.setFamilies(list(FONT_FAMILIES))
    font.setPointSizeF(theme.font_pt)
    app.setFont(font)
    app.setPalette(make_palette(theme))
    app.setStyleSheet(make_style_sheet(theme))


@contextmanager
def deferred_style() -> Iterator[None]:
    """Create many widgets quickly by applying the style sheet only after the block.

    Under it, Qt styles a part anew, and all that is in it, each time that it is put into another.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    rules = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(rules)


def make_palette(theme: Theme) -> QPalette:
    """Return the theme's colours in Qt's roles."""
    palette = QPalette()
    role = QPalette.ColorRole
    for name, colour in (
        (role.Window, theme.background),
        (role.WindowText, theme.text),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.raised),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
        (role.Text, theme.text),
        (role.Button, theme.raised),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.bad),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.accent_text),
        (role.Link, theme.accent),
        (role.LinkVisited, theme.accent),
        (role.PlaceholderText, theme.text_muted),
        (role.Light, theme.raised),
        (role.Midlight, theme.border),
        (role.Mid, theme.border),
        (role.Dark, theme.border),
    ):
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.text_muted))
    return palette


def make_style_sheet(theme: Theme) -> str:
    """Return the rules that a palette cannot express, by the widgets' property ``role``."""
    chevron = resource_path("icons", f"chevron-{theme.name}.svg").as_posix()
    chevron_up = resource_path("icons", f"chevron-up-{theme.name}.svg").as_posix()
    check = resource_path("icons", f"check-{theme.name}.svg").as_posix()
    tokens = {field: getattr(theme, field) for field in theme.__slots__ if field != "zones"}
    faint = _mix(theme.text_muted, theme.rail)
    # a cell keeps Qt's own room for its focus frame beside the padding, a header does not
    pads = {"title_pad": theme.space_s + CELL_FRAME_PX, "tight_pad": theme.space_xs + CELL_FRAME_PX}
    return _RULES.format(chevron=chevron, chevron_up=chevron_up, check=check, faint=faint, **pads, **tokens)


def _mix(one: str, other: str) -> str:
    first, second = QColor(one), QColor(other)
    return QColor(
        (first.red() + second.red()) // 2,
        (first.green() + second.green()) // 2,
        (first.blue() + second.blue()) // 2,
    ).name()


_RULES = """
QToolTip {{ color: {text}; background: {raised}; border: 1px solid {border}; padding: {space_xs}px; }}
QLabel {{ background: transparent; }}
*[role="rail"] {{ background: {rail}; border-right: 1px solid {border}; }}
*[role="header"] {{ background: {background}; border-bottom: 1px solid {border}; }}
*[role="card"] {{ background: {surface}; border: 1px solid {border}; border-radius: {radius_m}px; }}
*[role="brand"] {{ font-size: {font_title_pt}pt; font-weight: 700; }}
*[role="title"] {{ font-size: {font_title_pt}pt; font-weight: 700; }}
*[role="figure"] {{ font-size: {font_figure_pt}pt; font-weight: 700; }}
*[role="muted"] {{ color: {text_muted}; }}
*[role="small"] {{ color: {text_muted}; font-size: {font_small_pt}pt; }}
*[role="good"] {{ color: {good}; }}
*[role="warning"] {{ color: {warning}; }}
*[role="bad"] {{ color: {bad}; }}
*[role="pill"] {{ background: {raised}; border-radius: {radius_m}px; padding: {space_xs}px {space_m}px; }}
QStatusBar QLabel[tone="good"] {{ color: {good}; }}
QStatusBar QLabel[tone="warning"] {{ color: {warning}; }}
QStatusBar QLabel[tone="bad"] {{ color: {bad}; }}
QStatusBar QLabel[tone="muted"] {{ color: {text_muted}; }}
*[role="banner"] {{ background: {raised}; border: 1px solid {border}; border-left: 4px solid {accent};
    border-radius: {radius_s}px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
*[role="banner"][tone="bad"] {{ border-left-color: {bad}; }}
*[role="banner"][tone="good"] {{ border-left-color: {good}; }}
QPushButton, QToolButton[role="button"] {{ background: {raised}; color: {text}; border: 1px solid {border};
    border-radius: {radius_s}px; padding: 6px {space_m}px; }}
QPushButton:hover, QToolButton[role="button"]:hover {{ border-color: {accent}; }}
QPushButton:pressed, QPushButton:checked, QToolButton[role="button"]:checked {{ background: {border}; }}
QPushButton:disabled, QToolButton[role="button"]:disabled {{ color: {text_muted}; }}
QPushButton:focus, QToolButton[role="button"]:focus, QComboBox:focus, QLineEdit:focus, QAbstractSpinBox:focus,
QDateTimeEdit:focus {{ border: 2px solid {accent}; }}
QComboBox[tone="bad"], QLineEdit[tone="bad"], QAbstractSpinBox[tone="bad"], QDateTimeEdit[tone="bad"] {{
    border: 2px solid {bad}; }}
QToolButton[role="layer"] {{ background: transparent; color: {text_muted}; border: 1px solid {border};
    border-radius: {radius_s}px; padding: 6px {space_m}px; }}
QToolButton[role="layer"]:checked {{ background: {raised}; color: {text}; border-color: {accent}; }}
QToolButton[role="layer"]:hover {{ border-color: {text_muted}; }}
QToolButton[role="layer"]:focus {{ border: 2px solid {accent}; }}
QPushButton[role="primary"] {{ background: {accent}; color: {accent_text}; border-color: {accent};
    font-weight: 600; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {text}; }}
QPushButton[role="primary"]:disabled, QPushButton[role="danger"]:disabled {{
    background: {border}; color: {text_muted}; border-color: {border}; }}
QPushButton[role="danger"] {{ background: {bad}; color: {accent_text}; border-color: {bad};
    font-weight: 600; }}
QToolButton[role="navigation"] {{ background: transparent; color: {text_muted}; border: 2px solid transparent;
    border-left: 3px solid transparent; border-radius: {radius_s}px; padding: 2px {space_m}px;
    text-align: left; }}
QToolButton[role="navigation"]:hover {{ background: {raised}; color: {text}; }}
QToolButton[role="navigation"]:checked {{ background: {raised}; color: {text}; border-left-color: {accent};
    font-weight: 600; }}
QToolButton[role="navigation"]:disabled {{ color: {faint}; background: transparent; }}
QToolButton[role="navigation"]:focus {{ border-color: {accent}; }}
*[role="heading"] {{ color: {text_muted}; font-size: {font_small_pt}pt; }}
QLabel[role="heading"] {{ padding: 5px 2px 1px 2px; }}
QToolButton[role="heading"] {{ background: transparent; border: 1px solid transparent; padding: 4px 0 0 0;
    border-radius: {radius_s}px; text-align: left; }}
QToolButton[role="heading"]:hover {{ color: {text}; }}
QToolButton[role="heading"]:focus {{ border-color: {accent}; }}
QScrollArea[role="pages"] {{ border: 2px solid transparent; }}
QScrollArea[role="pages"]:focus {{ border-color: {accent}; }}
QFrame[role="separator"] {{ background: {border}; border: 0; }}
QToolButton[role="info"] {{ background: transparent; border: 1px solid transparent;
    border-radius: {radius_s}px; padding: 1px; }}
QToolButton[role="info"]:hover {{ background: {raised}; }}
QToolButton[role="info"]:focus {{ border-color: {accent}; }}
QToolButton[role="quiet"] {{ background: transparent; border: 2px solid transparent;
    border-radius: {radius_s}px; padding: 3px; }}
QToolButton[role="quiet"]:hover {{ background: {raised}; }}
QToolButton[role="quiet"]:focus {{ border-color: {accent}; }}
QComboBox, QLineEdit, QAbstractSpinBox, QDateTimeEdit {{ background: {raised}; color: {text};
    border: 1px solid {border}; border-radius: {radius_s}px; padding: 5px {space_s}px;
    selection-background-color: {accent}; selection-color: {accent_text}; }}
QDoubleSpinBox QLineEdit, QSpinBox QLineEdit, QTimeEdit QLineEdit {{ background: transparent; border: 0;
    padding: 0; }}
QDoubleSpinBox::up-button, QSpinBox::up-button, QTimeEdit::up-button, QDoubleSpinBox::down-button,
QSpinBox::down-button, QTimeEdit::down-button {{ width: 0; border: 0; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox::drop-down, QDateTimeEdit::drop-down {{ border: 0; background: transparent; width: 22px; }}
QComboBox::down-arrow, QDateTimeEdit::down-arrow {{ image: url("{chevron}"); width: 14px; height: 14px; }}
QTimeEdit::down-arrow {{ image: none; width: 0; }}
QCheckBox::indicator, QTableView::indicator {{ width: 14px; height: 14px; border: 1px solid {text_muted};
    border-radius: 3px; background: {raised}; }}
QCheckBox::indicator:focus, QCheckBox::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:checked, QTableView::indicator:checked {{ background: {accent}; border-color: {accent};
    image: url("{check}"); }}
QCheckBox::indicator:disabled {{ background: {border}; border-color: {border}; }}
QCheckBox:focus {{ color: {accent}; }}
QComboBox QAbstractItemView {{ background: {surface}; color: {text}; border: 1px solid {border}; }}
QHeaderView::section {{ background: {surface}; color: {text_muted}; border: 0;
    border-bottom: 1px solid {border}; padding: 6px {title_pad}px; }}
QHeaderView::up-arrow {{ image: url("{chevron_up}"); width: 10px; height: 10px; subcontrol-origin: margin; }}
QHeaderView::down-arrow {{ image: url("{chevron}"); width: 10px; height: 10px; subcontrol-origin: margin; }}
QHeaderView[role="narrow"]::section {{ padding: 2px 3px; }}
QTableView, QTreeView, QListView {{ background: {surface}; border: 1px solid {border};
    border-radius: {radius_s}px; gridline-color: {border}; alternate-background-color: {raised};
    selection-background-color: {accent}; selection-color: {accent_text}; }}
QListView[role="sections"] {{ background: transparent; border-color: transparent; }}
QListView[role="sections"]::item {{ padding: {space_s}px; border-radius: {radius_s}px; }}
QListView[role="sections"]::item:hover {{ background: {raised}; color: {text}; }}
QListView[role="sections"]::item:selected {{ background: {raised}; color: {text};
    border-left: 3px solid {accent}; }}
QListView[role="sections"]:focus {{ border-color: {accent}; }}
QTableView::item {{ padding: 0 {space_s}px; }}
QTableView[role="tight"]::item {{ padding: 0 {space_xs}px; }}
QTableView[role="tight"] QHeaderView::section {{ padding: 6px {tight_pad}px; }}
QTableView:focus, QListView:focus, QTreeView:focus, QPlainTextEdit:focus {{ border: 1px solid {accent}; }}
QTableCornerButton::section {{ background: {surface}; border: 0; }}
QProgressBar {{ background: {border}; border: 0; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QScrollArea {{ background: transparent; border: 0; }}
QScrollBar {{ background: transparent; width: 10px; height: 10px; }}
QScrollBar::handle {{ background: {border}; border-radius: 5px; min-height: 30px; min-width: 30px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QStatusBar {{ background: {surface}; border-top: 1px solid {border}; }}
QStatusBar::item {{ border: 0; }}
QStatusBar QLabel {{ padding: {space_xs}px {space_xs}px {space_xs}px {space_m}px; }}
QMenu {{ background: {surface}; color: {text}; border: 1px solid {border}; padding: {space_xs}px; }}
QMenu::item {{ padding: 5px {space_l}px; border-radius: {radius_s}px; }}
QMenu::item:selected {{ background: {accent}; color: {accent_text}; }}
"""
