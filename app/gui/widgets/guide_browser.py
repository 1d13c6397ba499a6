"""One page of the guide: Markdown in the colours of the theme, pictures no wider than the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QImage,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from app.gui.theme import current_theme

_MARGIN_PX = 24
_LINE_PERCENT = 125
_SETTLES_AFTER_MS = 120
_PICTURE = "\ufffc"
"""What stands for a picture in a block's text."""
_WEB = ("http", "https", "mailto")


class GuideBrowser(QTextBrowser):
    """Shows text; who owns it decides where links lead."""

    link_chosen = Signal(str)
    """Such as ``manager.md#dwell``, relative to the page that is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._markdown = ""
        self._folder = Path()
        self._heading = 0
        self._has_read_on = False
        self.setOpenLinks(False)
        # pictures are as wide as there is room: it must not shrink when a bar comes
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.document().setDocumentMargin(_MARGIN_PX)
        self.anchorClicked.connect(self._on_link)
        # of people alone: Qt scrolls, too, when the size changes
        self.verticalScrollBar().actionTriggered.connect(self._on_scrolled)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLES_AFTER_MS)
        self._settled.timeout.connect(self._lay_out_again)

    def show_page(self, markdown: str, folder: Path) -> None:
        """Show a text whose pictures lie in a folder, from its beginning."""
        self._markdown, self._folder = markdown, folder
        self._render()
        self.show_heading(0)

    def show_heading(self, number: int) -> None:
        """Bring the heading of this number to the top; 0 is the page's own."""
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
        """Select the next place of some words, behind where the reader is; whether there is one."""
        if not words or not self.find(words):
            return False
        self._has_read_on = True
        return True

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802
        """A picture of the guide, made smaller where the window is narrower."""
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
        """Pictures follow the width, once it stays."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._settled.start()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._markdown:
            self._settled.start()

    def _on_scrolled(self, _action: int) -> None:
        self._has_read_on = True

    def _lay_out_again(self) -> None:
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
            # a picture would get a quarter of its height as a gap
            if _PICTURE not in block.text():
                QTextCursor(block).mergeBlockFormat(taller)
            block = block.next()

    def _on_link(self, url: QUrl) -> None:
        if url.scheme() in _WEB:
            QDesktopServices.openUrl(url)
        else:
            self.link_chosen.emit(url.toString())
