"""A card of the settings page, which updates only while visible."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.error_reporting import ErrorReport
from app.gui.session.translation import Translated, tr
from app.gui.widgets.layouts import make_column, make_label
from app.gui.widgets.notification_banner import NotificationBanner


class SettingsPart(Translated, QFrame):
    """Base of a part of the settings; a subclass sets its texts and watches its data while visible.

    Attributes:
        notice: what was done or failed last.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = NotificationBanner(self)
        self.notice.hide()

    def watch(self, is_visible: bool) -> None:
        """Start or stop following changes by other programs."""

    def show_failure(self, report: ErrorReport) -> None:
        self.notice.show_message(lambda: report.render(tr).problem, lambda: report.render(tr).remedy)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self.watch(False)
        super().hideEvent(event)


class SettingsCard(SettingsPart):
    """Card with a title, a sentence and a failure note; a subclass adds its content to ``column``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._title = make_label(role="title", parent=self)
        self._text = make_label(role="muted", wraps=True, parent=self)
        self.column = make_column(self, margins=(18, 14, 18, 16), spacing=12)
        for widget in (self._title, self._text, self.notice):
            self.column.addWidget(widget)
