"""The guide window: contents and search at the left, a page at the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QImage,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, current_language, tr
from app.gui.widgets.forms import name_control
from app.gui.widgets.icons import make_icon
from app.gui.widgets.layouts import fill, make_column, make_label
from app.guide.guide_text import GuidePage, read_guide

_MARGIN_PX = 24
_LINE_PERCENT = 125
_SETTLES_AFTER_MS = 120
_PICTURE = "\ufffc"
"""Placeholder of a picture in a block's text."""
_WEB = ("http", "https", "mailto")


class GuideBrowser(Translated, QTextBrowser):
    """Text browser; its owner handles links."""

    link_chosen = Signal(str)
    """Target of a link, such as ``manager.md#dwell``, relative to the current page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._markdown = ""
        self._folder = Path()
        self._heading = 0
        self._has_read_on = False
        self.setOpenLinks(False)
        # reserve the scroll bar's space, since pictures fill the width
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.document().setDocumentMargin(_MARGIN_PX)
        self.anchorClicked.connect(self._on_link)
        # only scrolling by the user: Qt also scrolls after a resize
        self.verticalScrollBar().actionTriggered.connect(self._on_scrolled)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLES_AFTER_MS)
        self._settled.timeout.connect(self._relayout)

    def show_page(self, markdown: str, folder: Path) -> None:
        self._markdown, self._folder = markdown, folder
        self._render()
        self.show_heading(0)

    def show_heading(self, number: int) -> None:
        """Scroll to the heading of this index; 0 is the page's own."""
        self._heading, self._has_read_on = number, False
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel():
                if number == 0:
                    self.setTextCursor(QTextCursor(block))
                    top = self.document().documentLayout().blockBoundingRect(block).top()
                    self.verticalScrollBar().setValue(round(top) - _MARGIN_PX // 2)
                    return
                number -= 1
            block = block.next()

    def mark_words(self, words: str) -> bool:
        """Select the next occurrence of some words; return whether there is one."""
        if not words or not self.find(words):
            return False
        self._has_read_on = True
        return True

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802
        url = QUrl(name)
        path = self._folder / url.path()
        if kind != QTextDocument.ResourceType.ImageResource.value or not path.is_file():
            return None
        picture = QImage(str(path))
        room_px = max(200, self.viewport().width() - 2 * _MARGIN_PX - 4)
        if picture.width() <= room_px:
            return picture
        return picture.scaledToWidth(room_px, Qt.TransformationMode.SmoothTransformation)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._settled.start()

    def _recolour(self) -> None:
        if self._markdown:
            self._settled.start()

    def _on_scrolled(self, _action: int) -> None:
        self._has_read_on = True

    def _relayout(self) -> None:
        scrolled = self.verticalScrollBar()
        has_read_on, share = self._has_read_on, scrolled.value() / max(1, scrolled.maximum())
        self._render()
        self.show_heading(self._heading)
        if has_read_on:
            self._has_read_on = True
            scrolled.setValue(round(share * scrolled.maximum()))

    def _render(self) -> None:
        document = self.document()
        theme = current_theme()
        document.clear()
        document.setDefaultStyleSheet(f"a {{ color: {theme.accent}; }}")
        document.setMarkdown(self._markdown, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        self._set_line_height()
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                style = frame.format()
                style.setBorderCollapse(True)
                style.setBorder(1)
                style.setBorderBrush(self.palette().mid())
                style.setCellPadding(6)
                style.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
                frame.setFormat(style)

    def _set_line_height(self) -> None:
        taller = QTextBlockFormat()
        taller.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        block = self.document().begin()
        while block.isValid():
            # otherwise a picture gets a gap of a quarter of its height
            if _PICTURE not in block.text():
                QTextCursor(block).mergeBlockFormat(taller)
            block = block.next()

    def _on_link(self, url: QUrl) -> None:
        if url.scheme() in _WEB:
            QDesktopServices.openUrl(url)
        else:
            self.link_chosen.emit(url.toString())


SIZE_WH = (1040, 720)
_CONTENTS_PX = 260
_DEEPEST = 2
"""Deepest heading level in the contents; others are reached by links and by searching."""
_PLACE = Qt.ItemDataRole.UserRole
Place = tuple[str, int]
"""A page's name, and the index of a section on it."""


class GuideWindow(Translated, QWidget):
    """Window of the guide, not blocked by dialogs."""

    tour_requested = Signal()

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
        self.found = make_label(role="small", parent=self)
        self.contents = QTreeWidget(self)
        self.contents.setHeaderHidden(True)
        self.contents.setRootIsDecorated(True)
        self.contents.itemActivated.connect(self._on_chosen)
        self.contents.itemClicked.connect(self._on_chosen)
        self.tour = QPushButton(self)
        self.tour.clicked.connect(self.tour_requested)
        self.browser = GuideBrowser(self)
        self.browser.link_chosen.connect(self._on_link)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self).activated.connect(self._search)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self.close)
        buttons = fill(QHBoxLayout(), self.back, self.forward, (self.search, 1))
        left = QWidget(self)
        fill(make_column(left, margins=(10, 10, 6, 10)), buttons, self.found, (self.contents, 1), self.tour)
        parts = QSplitter(self)
        parts.addWidget(left)
        parts.addWidget(self.browser)
        parts.setStretchFactor(1, 1)
        parts.setSizes([_CONTENTS_PX, SIZE_WH[0] - _CONTENTS_PX])
        fill(make_column(self, margins=0), parts)
        self.retranslate()

    @property
    def place(self) -> Place:
        return self._place

    def open_topic(self, topic: str) -> None:
        """Show a section such as ``manager.md#dwell``, and add it to the history."""
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
        if self._behind:
            self._ahead.append(self._place)
            self._show_place(self._behind.pop())

    def go_forward(self) -> None:
        if self._ahead:
            self._behind.append(self._place)
            self._show_place(self._ahead.pop())

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Guide"))
        for widget, text in (
            (self.back, tr("Back in history")),
            (self.forward, tr("Forward in history")),
            (self.contents, tr("Contents of the guide")),
            (self.browser, tr("Page of the guide")),
            (self.search, tr("Search the guide")),
        ):
            widget.setAccessibleName(text)
        self.back.setToolTip(self.back.accessibleName())
        self.forward.setToolTip(self.forward.accessibleName())
        self.search.setPlaceholderText(tr("Search the guide"))
        name_control(self.tour, tr("Take the tour"))
        self._pages = {page.name: page for page in read_guide(current_language())}
        self._fill_contents()
        self._recolour()
        self._filter()
        if self._place[0]:
            self._show_place(self._place)

    def _recolour(self) -> None:
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
        """Show only the contents that match the words; everything without words."""
        query = self.search.text().strip().casefold()
        hits = 0
        for above in _list_items(self.contents.invisibleRootItem()):
            page = self._pages[above.data(0, _PLACE)[0]]
            matches = [query in section.words.casefold() for section in page.sections]
            for number, item in enumerate(_list_items(above), start=1):
                is_shown = matches[number] if query else page.sections[number].level <= _DEEPEST
                item.setHidden(not is_shown)
            hits += sum(matches) if query else 0
            above.setHidden(not any(matches))
            above.setExpanded(bool(query) or page.name == self._place[0])
        self.found.setVisible(bool(query))
        self.found.setText(tr("Matching sections: {n}", n=hits) if hits else tr("No matches in the guide."))

    def _search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _find_next(self) -> None:
        """Go to the next matching section, or the next occurrence on this page."""
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
