"""The guide beside the work: contents and search at the left, a page at the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.translation import current_language, tr
from app.gui.widgets.guide_browser import GuideBrowser
from app.gui.widgets.icons import make_icon
from app.operations.guide_text import GuidePage, read_guide

SIZE_WH = (1040, 720)
_CONTENTS_PX = 260
_DEEPEST = 2
"""Headings below this level are reached by links and by searching alone."""
_PLACE = Qt.ItemDataRole.UserRole
Place = tuple[str, int]
"""A page's name, and the number of a section on it."""


class GuideWindow(QWidget):
    """A window of its own, which no dialog blocks. It follows language and theme."""

    def __init__(self) -> None:
        super().__init__()
        self._pages: dict[str, GuidePage] = {}
        self._place: Place = ("", 0)
        self._behind: list[Place] = []
        self._ahead: list[Place] = []
        self.resize(*SIZE_WH)
        self.back, self.forward = QToolButton(self), QToolButton(self)
        for button, key, go in (
            (self.back, QKeySequence.StandardKey.Back, self.go_back),
            (self.forward, QKeySequence.StandardKey.Forward, self.go_forward),
        ):
            button.setProperty("role", "button")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(go)
            QShortcut(QKeySequence(key), self).activated.connect(go)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._find_next)
        self.found = QLabel(self)
        self.found.setProperty("role", "small")
        self.contents = QTreeWidget(self)
        self.contents.setHeaderHidden(True)
        self.contents.setRootIsDecorated(True)
        self.contents.itemActivated.connect(self._on_chosen)
        self.contents.itemClicked.connect(self._on_chosen)
        self.browser = GuideBrowser(self)
        self.browser.link_chosen.connect(self._on_link)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self).activated.connect(self._search)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addWidget(self.forward)
        buttons.addWidget(self.search, 1)
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(10, 10, 6, 10)
        column.addLayout(buttons)
        column.addWidget(self.found)
        column.addWidget(self.contents, 1)
        parts = QSplitter(self)
        parts.addWidget(left)
        parts.addWidget(self.browser)
        parts.setStretchFactor(1, 1)
        parts.setSizes([_CONTENTS_PX, SIZE_WH[0] - _CONTENTS_PX])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts)
        self.retranslate()

    @property
    def place(self) -> Place:
        """What is shown."""
        return self._place

    def open_topic(self, topic: str) -> None:
        """Show a section such as ``manager.md#dwell``, and remember where the reader was."""
        name, _sharp, anchor = topic.partition("#")
        name = name.removesuffix(".md") or self._place[0]
        page = self._pages.get(name)
        if page is None:
            return
        anchors = [section.anchor for section in page.sections]
        place = (name, anchors.index(anchor) if anchor in anchors else 0)
        if self._place[0] and place != self._place:
            self._behind.append(self._place)
            self._ahead.clear()
        self._show_place(place)

    def go_back(self) -> None:
        """Show what was shown before."""
        if self._behind:
            self._ahead.append(self._place)
            self._show_place(self._behind.pop())

    def go_forward(self) -> None:
        """Undo going back."""
        if self._ahead:
            self._behind.append(self._place)
            self._show_place(self._ahead.pop())

    def retranslate(self) -> None:
        """Read the pages of the language in force, and stay at the same place."""
        self.setWindowTitle(tr("Guide"))
        for widget, text in (
            (self.back, tr("Back to what was read before")),
            (self.forward, tr("Forward again")),
            (self.contents, tr("Contents of the guide")),
            (self.browser, tr("Page of the guide")),
            (self.search, tr("Search the guide")),
        ):
            widget.setAccessibleName(text)
        self.back.setToolTip(self.back.accessibleName())
        self.forward.setToolTip(self.forward.accessibleName())
        self.search.setPlaceholderText(tr("Search the guide"))
        self._pages = {page.name: page for page in read_guide(current_language())}
        self._fill_contents()
        self._draw_icons()
        self._filter()
        if self._place[0]:
            self._show_place(self._place)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.PaletteChange:
            self._draw_icons()
        super().changeEvent(event)

    def _draw_icons(self) -> None:
        self.back.setIcon(make_icon("back"))
        self.forward.setIcon(make_icon("forward"))

    def _fill_contents(self) -> None:
        self.contents.clear()
        for page in self._pages.values():
            above = QTreeWidgetItem(self.contents, [page.title])
            above.setData(0, _PLACE, (page.name, 0))
            for number, section in enumerate(page.sections):
                if number:
                    item = QTreeWidgetItem(above, [section.title])
                    item.setData(0, _PLACE, (page.name, number))
                    item.setHidden(section.level > _DEEPEST)

    def _show_place(self, place: Place) -> None:
        name, number = place
        page = self._pages[name]
        self.browser.show_page(page.markdown, page.folder)
        if number:
            self.browser.show_heading(number)
        self._place = place
        self.back.setEnabled(bool(self._behind))
        self.forward.setEnabled(bool(self._ahead))
        self._mark_in_contents()

    def _mark_in_contents(self) -> None:
        for above in _list_items(self.contents.invisibleRootItem()):
            for item in (above, *_list_items(above)):
                if item.data(0, _PLACE) == self._place:
                    above.setExpanded(True)
                    self.contents.setCurrentItem(item, 0, QItemSelectionModel.SelectionFlag.ClearAndSelect)
                    return

    def _filter(self) -> None:
        """Show of the contents what holds the words; all of it without any."""
        wanted = self.search.text().strip().casefold()
        hits = 0
        for above in _list_items(self.contents.invisibleRootItem()):
            page = self._pages[above.data(0, _PLACE)[0]]
            holds = [wanted in section.words.casefold() for section in page.sections]
            for number, item in enumerate(_list_items(above), start=1):
                is_shown = holds[number] if wanted else page.sections[number].level <= _DEEPEST
                item.setHidden(not is_shown)
            hits += sum(holds) if wanted else 0
            above.setHidden(not any(holds))
            above.setExpanded(bool(wanted) or page.name == self._place[0])
        self.found.setVisible(bool(wanted))
        self.found.setText(
            tr("Sections that hold it: {n}", n=hits) if hits else tr("Nothing in the guide holds this.")
        )

    def _search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _find_next(self) -> None:
        """Go on to the next section that was found, or the next place of the words on this page."""
        words = self.search.text().strip()
        if not words or self.browser.mark_words(words):
            return
        places: list[Place] = [
            (page.name, number)
            for page in self._pages.values()
            for number, section in enumerate(page.sections)
            if words.casefold() in section.words.casefold()
        ]
        if not places:
            return
        order = list(self._pages)
        here = (order.index(self._place[0]), self._place[1])
        later = [place for place in places if order.index(place[0]) > here[0]]
        self._go_to((later or places)[0])
        self.browser.mark_words(words)

    def _go_to(self, place: Place) -> None:
        page = self._pages[place[0]]
        self.open_topic(f"{page.name}.md#{page.sections[place[1]].anchor}")

    def _on_chosen(self, item: QTreeWidgetItem, _column: int) -> None:
        name, number = item.data(0, _PLACE)
        if (name, number) != self._place:
            self._go_to((name, number))
            self.browser.mark_words(self.search.text().strip())

    def _on_link(self, link: str) -> None:
        self.open_topic(link)


def _list_items(above: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [item for row in range(above.childCount()) if (item := above.child(row)) is not None]
