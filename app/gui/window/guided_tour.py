"""The guided tour: six places in the window that show what it is for, and three things to try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.demo.ready_venue import is_demo_venue, list_show_days
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.forms import name_control
from app.gui.widgets.layouts import fill, make_button, make_label
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page

_WIDTH_PX = 400
_LINE_PX = 3


class TourOutline(QWidget):
    """A line round a widget; clicks go through it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def surround(self, target: QWidget | None) -> None:
        """Surround a widget as far as it can be seen; hidden while it cannot."""
        over = self._over
        if target is None or not target.isVisible():
            self.hide()
            return
        place, around = QRect(target.mapTo(over, QPoint()), target.size()), target.parentWidget()
        while around is not None and around is not over:
            # what is scrolled away is not surrounded
            place &= QRect(around.mapTo(over, QPoint()), around.size())
            around = around.parentWidget()
        self.setGeometry(place.adjusted(-_LINE_PX, -_LINE_PX, _LINE_PX, _LINE_PX) & over.rect())
        self.setVisible(not place.isEmpty())
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), _LINE_PX))
        inset = _LINE_PX / 2
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), theme.radius_s, theme.radius_s
        )


class TourCard(Translated, QFrame):
    """Title and text of a step, which of how many it is, and the buttons; Escape in it skips the rest."""

    back_chosen = Signal()
    next_chosen = Signal()
    trial_chosen = Signal()
    skipped = Signal()

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        theme, self._over = current_theme(), over
        self.setProperty("role", "banner")
        self._texts, self._step = ("", "", ""), (0, 0)
        self.count = make_label("small", parent=self)
        self.title = make_label("title", wraps=True, parent=self)
        self.text = make_label("", wraps=True, parent=self)
        self.skip, self.back = make_button("", self), make_button("", self)
        self.trial, self.next = make_button("", self), make_button("", self, role="primary")
        for button, asked in (
            (self.skip, self.skipped),
            (self.back, self.back_chosen),
            (self.trial, self.trial_chosen),
            (self.next, self.next_chosen),
        ):
            button.clicked.connect(asked)
        buttons = fill(QHBoxLayout(), self.skip, 1, self.back, self.next, spacing=theme.space_s)
        trial = fill(QHBoxLayout(), self.trial, 1)
        column = QVBoxLayout(self)
        fill(column, self.count, self.title, self.text, trial, buttons, margins=14, spacing=theme.space_s)
        QWidget.setTabOrder(self.next, self.trial)
        QWidget.setTabOrder(self.trial, self.back)
        QWidget.setTabOrder(self.back, self.skip)
        self.hide()

    def show_step(self, title: str, text: str, *, number: int, of: int, offer: str, has_back: bool) -> None:
        """Show a step, and give it the focus.

        Args:
            title: in English, as ``text`` and ``offer``.
            offer: what the button for trying something says; empty for none.
        """
        self._texts, self._step = (title, text, offer), (number, of)
        self.trial.setVisible(bool(offer))
        self.back.setVisible(has_back)
        self.skip.setVisible(number < of)
        self.retranslate()
        self.show()
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def place_beside(self, outline: QWidget) -> None:
        """Move to the corner where it hides the least of what is outlined."""
        over, layout = self._over, self.layout()
        assert layout is not None
        margin = current_theme().space_m
        width = min(_WIDTH_PX, over.width() - 2 * margin)
        height = min(layout.heightForWidth(width), over.height() - 2 * margin)
        right, below = over.width() - width - margin, over.height() - height - margin
        # the lower right comes last: messages appear there
        corners = [
            QPoint(x, y) for x, y in ((margin, below), (right, margin), (margin, margin), (right, below))
        ]
        hidden = QRect() if outline.isHidden() else outline.geometry()

        def count_hidden_px(corner: QPoint) -> int:
            common = QRect(corner.x(), corner.y(), width, height) & hidden
            return common.width() * common.height()

        best = min(corners, key=count_hidden_px)
        self.setGeometry(best.x(), best.y(), width, height)
        self.raise_()

    def retranslate(self) -> None:
        title, text, offer = (tr(part) if part else "" for part in self._texts)
        number, of = self._step
        self.count.setText(tr("Tour, step {n} of {of}", n=number, of=of))
        self.title.setText(title)
        self.text.setText(text)
        self.setAccessibleName(f"{self.count.text()}: {title}")
        self.setAccessibleDescription(text)
        named: tuple[tuple[QPushButton, str], ...] = (
            (self.skip, tr("Skip the tour")),
            (self.back, tr("Back")),
            (self.trial, offer),
            (self.next, tr("End the tour") if number == of else tr("Next")),
        )
        for button, name in named:
            name_control(button, name)
        # a screen reader says it when the focus arrives
        self.next.setAccessibleDescription(f"{self.accessibleName()}. {text}")

    def event(self, event: QEvent) -> bool:
        """Keep Escape from the shortcuts of the window while the focus is here."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self.skipped.emit()
        else:
            super().keyPressEvent(event)


_KEY = "tour/was_shown"
FOLLOWS_EVERY_MS = 200
"""Interval at which the outline follows its widget, which pages move and make anew."""


@dataclass(frozen=True, slots=True)
class TourPlace:
    """A step of the tour: its texts, and the widget that it points at.

    Attributes:
        title: in English, as the text; translated where it is shown.
        find: returns the widget on the page that is outlined.
    """

    page: Page
    title: str
    text: str
    find: Callable[[Any], QWidget]


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step, and what can be tried at it.

    Attributes:
        offer: what the button for trying says, in English; empty without one.
        trial: where it is tried.
        prepare: makes its page ready for it.
    """

    place: TourPlace
    offer: str = ""
    trial: TourPlace | None = None
    prepare: Callable[[Any], object] = lambda _page: None


STEPS = (
    TourStep(
        TourPlace(
            Page.OVERVIEW,
            "What stood out",
            "Overview sums up a period in a few sentences. Below them are the stands by rank, and beside "
            "them what needs attention.",
            lambda page: page.sentences,
        )
    ),
    TourStep(
        TourPlace(
            Page.FLOOR_PLAN,
            "Where people are",
            "The map shows how long people were where. What no camera sees is hatched, and never counts "
            "as empty.",
            lambda page: page.canvas,
        ),
        "Try it: draw a zone",
        TourPlace(
            Page.EDIT_PLAN,
            "Draw a zone",
            "Drag a rectangle over the place that interests you. Ctrl+Z removes it.",
            lambda page: page.canvas,
        ),
        lambda page: page.draw_rectangle(),
    ),
    TourStep(
        TourPlace(
            Page.FINDINGS,
            "What to do about it",
            "A finding says what is wrong with the layout, why, and what could be done. Decide… records who "
            "does it and until when.",
            lambda page: page.cards[0] if page.cards else page.headline,
        )
    ),
    TourStep(
        TourPlace(
            Page.COMPARE,
            "Whether it helped",
            "Compare two days, or the time before and after a change of the layout. It says which "
            "differences are more than chance.",
            lambda page: page.proposals,
        ),
        "Try it: move a stand",
        TourPlace(
            Page.EDIT_PLAN,
            "Move a stand",
            "Choose Change from now on, so that past days keep their layout, and drag a stand to another "
            "place. Ctrl+Z puts it back.",
            lambda page: page.canvas,
        ),
        lambda page: page.choose_shapes(),
    ),
    TourStep(
        TourPlace(
            Page.REPORTS,
            "What others get",
            "A report for the organiser or for one stand, in either language: as PDF, slides, workbook or "
            "web page.",
            lambda page: page.preview,
        ),
        "Try it: export the report",
        TourPlace(
            Page.REPORTS,
            "Export the report",
            "Save… asks where to put the file, and writes what the preview shows.",
            lambda page: page.save,
        ),
        lambda page: page.save.setFocus(),
    ),
    TourStep(
        TourPlace(
            Page.LIVE,
            "What happens now",
            "People are found and followed in the picture of each camera. Pictures are shown and never "
            "stored.",
            lambda page: page,
        )
    ),
)
"""The steps, in their order."""


class GuidedTour(QObject):
    """Leads through one window; it starts when asked, and once by itself where that is allowed."""

    def __init__(self, window: MainWindow, parts: WindowParts, memory: QSettings) -> None:
        super().__init__(window)
        self._window, self._parts, self._memory = window, parts, memory
        self._step, self._is_trying = 0, False
        self._is_awaited = False
        self.outline, self.card = TourOutline(window.page_area), TourCard(window.page_area)
        self.card.back_chosen.connect(lambda: self._show_step(self._step - (not self._is_trying)))
        self.card.next_chosen.connect(self._go_on)
        self.card.trial_chosen.connect(self._try)
        self.card.skipped.connect(self.end)
        self._follows = QTimer(self)
        self._follows.setInterval(FOLLOWS_EVERY_MS)
        self._follows.timeout.connect(self._follow)
        window.page_area.installEventFilter(self)
        window.tour_requested.connect(self.open)
        parts.app_state.venue_opened.connect(self._on_venue_opened)

    @property
    def is_running(self) -> bool:
        return not self.card.isHidden()

    @property
    def place(self) -> TourPlace:
        """Return the current step, or its trial while that is shown."""
        step = STEPS[self._step]
        return step.trial if self._is_trying and step.trial is not None else step.place

    def start_once(self) -> None:
        """Start by itself when the demonstration is opened, unless it was shown before."""
        self._is_awaited = self._is_awaited or not self._memory.value(_KEY)

    def open(self) -> None:
        """Start with the first step; without a venue, open the demonstration first."""
        if self._parts.app_state.venue is not None:
            self._start()
            return
        self._is_awaited = True
        self._window.open_demonstration()

    def end(self) -> None:
        """Leave the tour, and give the focus back to the page."""
        self._follows.stop()
        had_focus = self.card.isAncestorOf(self._window.focusWidget() or self._window)
        self.card.hide()
        self.outline.hide()
        page = self._window.find_page(self._window.page)
        if had_focus and page is not None:
            page.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.Resize and self.is_running:
            self._follow()
        return super().eventFilter(watched, event)

    def _on_venue_opened(self) -> None:
        venue = self._parts.app_state.venue
        if self._is_awaited and venue is not None and is_demo_venue(venue):
            # once whatever else opens a venue has shown its page
            QTimer.singleShot(0, self, self._start)

    def _start(self) -> None:
        if self._is_blocked():
            return
        self._is_awaited = False
        self._memory.setValue(_KEY, True)
        venue = self._parts.app_state.venue
        if venue is not None and is_demo_venue(venue) and (days := list_show_days(venue)):
            # nothing may have been recorded in the hour that is shown first
            self._parts.app_state.set_period((days[0][0], days[-1][1]))
        self._show_step(0)
        self._follows.start()

    def _is_blocked(self) -> bool:
        window = self._window
        return window.is_kiosk_mode or window.covering is not None or self._parts.app_state.venue is None

    def _go_on(self) -> None:
        if self._step + 1 < len(STEPS):
            self._show_step(self._step + 1)
        else:
            self.end()

    def _try(self) -> None:
        step = STEPS[self._step]
        assert step.trial is not None
        self._is_trying = True
        self._show_place()
        step.prepare(self._window.find_page(step.trial.page))

    def _show_step(self, number: int) -> None:
        self._step, self._is_trying = number, False
        self._show_place()

    def _show_place(self) -> None:
        place, step = self.place, STEPS[self._step]
        is_possible = step.trial is not None and self._window.may_show(step.trial.page)
        if self._window.may_show(place.page):
            self._window.go_to(place.page)
        self.card.show_step(
            place.title,
            place.text,
            number=self._step + 1,
            of=len(STEPS),
            offer=step.offer if is_possible and not self._is_trying else "",
            has_back=self._step > 0 or self._is_trying,
        )
        self._follow()

    def _follow(self) -> None:
        if self._is_blocked():
            self.end()
            return
        page = self._window.find_page(self.place.page)
        target = None if page is None else self.place.find(page)
        self.outline.surround(target)
        self.card.place_beside(self.outline)
