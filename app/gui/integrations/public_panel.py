"""The pages for visitors and the signs of the open venue: form and panel."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.access.roles import Permission
from app.gui.integrations.publishers import PublishersViewModel
from app.gui.session.permissions import require_permission
from app.gui.session.translation import tr
from app.gui.widgets.form_dialog import (
    CheckBoxes,
    FormDialog,
    Submit,
    make_check_box,
    make_number_field,
    make_text_field,
)
from app.gui.widgets.forms import make_body, name_control
from app.gui.widgets.layouts import fill, make_label, open_dialog
from app.gui.widgets.settings_card import SettingsPart
from app.integrations.public.public_settings import PublicSettings
from app.integrations.rest.rest_settings import MAX_PORT, MIN_PORT

DIALOG_WIDTH = 600
QR_SCALE_PX = 4
QR_BORDER = 4
"""Quiet margin around the code, in modules."""
HALL = ""


def draw_qr_code(text: str) -> QImage:
    """Return the QR code of a text, black on white, `QR_SCALE_PX` pixels a module."""
    # needed by this panel alone
    import segno

    code = segno.make(text, error="m", micro=False)
    rows = [list(row) for row in code.matrix_iter(scale=1, border=QR_BORDER)]
    image = QImage(len(rows[0]), len(rows), QImage.Format.Format_RGB32)
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            image.setPixel(x, y, 0xFF000000 if is_dark else 0xFFFFFFFF)
    return image.scaled(image.width() * QR_SCALE_PX, image.height() * QR_SCALE_PX)


class PublicDialog(FormDialog):
    """A form for what is published; ``settings_entered`` returns the fields."""

    def __init__(
        self,
        shown: PublicSettings,
        *,
        zones: tuple[str, ...],
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Page for visitors"), width_px=DIALOG_WIDTH, submit=submit, parent=parent)
        self._shown = shown
        places = ((HALL, tr("Whole hall")), *((zone, zone) for zone in zones))
        chosen = (*((HALL,) if shown.shows_hall else ()), *(zone for zone in shown.zones if zone in zones))
        boxes = CheckBoxes(places, chosen)
        self.places = self.add("places", tr("Published"), boxes).boxes
        host = make_text_field(shown.host, hint=tr("127.0.0.1: only programs on this computer"))
        self.host = self.add("host", tr("Address"), host, is_needed=True)
        self.port = self.add(
            "port", tr("Port"), make_number_field(shown.port, minimum=MIN_PORT, maximum=MAX_PORT)
        )
        self.address = self.add(
            "address",
            tr("Address for visitors"),
            make_text_field(shown.address, hint="https://expo.example.org"),
        )
        data = make_check_box(tr("Visits by hour of closed days"), is_checked=shown.has_data)
        self.data = self.add("has_data", tr("Open data"), data)
        self.publisher = self.add("publisher", tr("Publisher"), make_text_field(shown.publisher))
        self.licence = self.add("licence", tr("Licence"), make_text_field(shown.licence, hint="https://"))
        self.add_note(
            tr(
                "Everybody who reaches the address sees how busy the chosen places are, without a password. "
                "Counts below five are not shown. 0.0.0.0 opens the pages to the network; for the Internet, "
                "put a web server with TLS in front and enter its address for visitors."
            )
        )

    @property
    def settings_entered(self) -> PublicSettings:
        """Return the settings in the fields; places are in the order of the plan."""
        values = self.values
        chosen = values.pop("places")
        zones = tuple(name for name in self.places if name != HALL and name in chosen)
        return replace(self._shown, **values, shows_hall=HALL in chosen, zones=zones)


class PublicPanel(SettingsPart):
    """The view of the public pages in a `PublishersState`; every change goes to the view-model."""

    def __init__(self, viewmodel: PublishersViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown_url = ""
        self._title, self.code = QLabel(self), QLabel(self)
        self.summary = make_label(role="muted", wraps=True, is_selectable=True, parent=self)
        self._local = make_label(role="warning", wraps=True, parent=self)
        self.change, self.switch, self.preview = (QPushButton(self) for _ in range(3))
        for button in (self.change, self.switch):
            require_permission(button, Permission.INTEGRATE)
        layout = make_body(self, spacing_px=12)
        layout.addWidget(self._title)
        layout.addLayout(fill(QHBoxLayout(), self.change, self.switch, self.preview, (self.summary, 1)))
        layout.addWidget(self._local)
        layout.addWidget(self.code, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.notice)
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self.show_failure)
        self.change.clicked.connect(self._open_dialog)
        self.switch.clicked.connect(self._switch)
        self.preview.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._settings.url + "/now")))
        self.retranslate()

    @property
    def _settings(self) -> PublicSettings:
        return self._viewmodel.state.public

    def retranslate(self) -> None:
        self._title.setText(tr("Page for visitors and signs"))
        name_control(self.change, tr("Choose what is published…"))
        name_control(self.preview, tr("Open the page"))
        self.preview.setToolTip(tr("Opens the page in the browser, while the server runs."))
        self._local.setText(
            tr("Only this computer can open the page; enter another address to let visitors in.")
        )
        self._shown_url = ""
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        self._viewmodel.set_active(is_seen)

    def _show_state(self) -> None:
        state, settings = self._viewmodel.state, self._settings
        for button in (self.change, self.switch):
            button.setEnabled(state.folder is not None and state.failure is None)
        self.preview.setEnabled(settings.is_enabled)
        self.switch.setText(tr("Switch off") if settings.is_enabled else tr("Switch on"))
        self.switch.setAccessibleName(
            tr("Switch off the page for visitors")
            if settings.is_enabled
            else tr("Switch on the page for visitors")
        )
        url = settings.visitors_url if settings.is_enabled else ""
        places = [*([tr("Whole hall")] if settings.shows_hall else []), *settings.zones]
        self.summary.setText(
            tr(
                "{url} shows: {places}. Signs: {sign}",
                url=url,
                places=tr(", ").join(places),
                sign=settings.make_sign_url(HALL if settings.shows_hall else settings.zones[0]),
            )
            if url
            else tr("Switched off. It would tell visitors and signs how busy the hall and its zones are.")
        )
        if url and settings.has_data:
            data = tr("Open data: {url}", url=settings.catalogue_url)
            self.summary.setText(f"{self.summary.text()}\n{data}")
        if url != self._shown_url:
            self._shown_url = url
            if url:
                self.code.setPixmap(QPixmap.fromImage(draw_qr_code(url)))
                self.code.setAccessibleName(tr("QR code of {url}", url=url))
        is_reachable = bool(url) and not settings.is_local
        self.code.setVisible(is_reachable)
        self._local.setVisible(bool(url) and settings.is_local)

    def _open_dialog(self) -> None:
        self.notice.hide()
        open_dialog(
            PublicDialog(
                self._settings,
                zones=self._viewmodel.list_zones(),
                submit=lambda form: self._viewmodel.save_public(form.settings_entered),
                parent=self,
            )
        )

    def _switch(self) -> None:
        self.notice.hide()
        self._viewmodel.save_public(replace(self._settings, is_enabled=not self._settings.is_enabled))
