"""A card of the settings, which looks at what it shows only while it is seen."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.error_reporting import ErrorReport
from app.gui.session.translation import Translated, tr
from app.gui.widgets.forms import make_label
from app.gui.widgets.notification_banner import NotificationBanner


class SettingsPart(Translated, QFrame):
    """Whoever derives from it says its texts, and what it does while somebody sees it.

    Attributes:
        notice: what was done or failed last.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = NotificationBanner(self)
        self.notice.hide()

    def watch(self, is_seen: bool) -> None:
        """Begin to look at what other programs change, or look no more."""

    def show_failure(self, report: ErrorReport) -> None:
        """Say what failed, also after a change of the language."""
        self.notice.show_message(lambda: report.render(tr).problem, lambda: report.render(tr).remedy)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look while somebody sees it."""
        super().showEvent(event)
        self.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Do not look while nobody does."""
        self.watch(False)
        super().hideEvent(event)


class SettingsCard(SettingsPart):
    """A frame with a title, a sentence and the notice; a subclass adds to ``column`` what lies below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._title = make_label(role="title", parent=self)
        self._text = make_label(role="muted", wraps=True, parent=self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 14, 18, 16)
        self.column.setSpacing(12)
        for widget in (self._title, self._text, self.notice):
            self.column.addWidget(widget)
