"""Settings card of the REST interface; other kinds of integration add their parts below."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.core.web_address import is_loopback
from app.gui.integrations.model import OtherSystemsState, OtherSystemsViewModel, Serving
from app.gui.session.cell_text import ABSENT, format_date_time, format_number
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr, trn
from app.gui.widgets.form_dialog import CheckBoxes, FormDialog, Submit, make_text_field
from app.gui.widgets.forms import (
    clear_grid,
    make_body,
    make_grid,
    name_control,
    set_style_property,
)
from app.gui.widgets.layouts import fill, make_label, make_row, open_dialog
from app.gui.widgets.settings_card import SettingsCard
from app.integrations.rest.access_tokens import MAX_NAME, AccessToken, Scope
from app.integrations.rest.rest_settings import MAX_PORT, MIN_PORT, RestSettings


def name_scope(scope: Scope) -> str:
    return {
        Scope.NOW: tr("live data"),
        Scope.HISTORY: tr("history by hour and day"),
        Scope.METRICS: tr("metrics for Prometheus"),
    }[scope]


def name_switch(serving: Serving) -> str:
    return {
        Serving.OFF: tr("Start"),
        Serving.STARTING: tr("Starting…"),
        Serving.HERE: tr("Stop"),
        Serving.STOPPING: tr("Stopping…"),
        Serving.ELSEWHERE: tr("Start"),
    }[serving]


def describe_server(state: OtherSystemsState) -> str:
    if state.folder is None:
        return tr("Open a venue first.")
    if state.serving is Serving.HERE and state.settings.is_enabled:
        return tr("Running at {url} while this window is open.", url=state.settings.url)
    if state.serving is Serving.OFF and state.settings.is_enabled:
        return tr("Enabled, but the server is not running.")
    return {
        Serving.OFF: tr("REST access is off."),
        Serving.STARTING: tr("The server is starting."),
        Serving.HERE: tr("Data is sent to other systems while this window is open."),
        Serving.STOPPING: tr("The server is stopping."),
        Serving.ELSEWHERE: tr("Another program serves this venue; restart it to apply changed settings."),
    }[state.serving]


def describe_counts(state: OtherSystemsState) -> str:
    """Return the request counts and failing publishers in words; empty while unknown."""
    report = state.report
    if report is None:
        return ""
    last = (
        ABSENT
        if report.last_utc_s is None
        else format_date_time(report.last_utc_s, time_zone=state.time_zone, has_date=False)
    )
    parts = [
        trn("{n} request answered", "{n} requests answered", report.answered),
        tr("{count} refused", count=format_number(report.refused)),
        tr("last request {time}", time=last),
    ]
    parts += [
        tr("{name}: {value}", name=one.name, value=one.failure) for one in report.publishers if one.failure
    ]
    return tr("; ").join(parts)


def format_time(time: datetime, time_zone: str) -> str:
    """Format a UTC time in venue time."""
    return format_date_time(time.timestamp(), time_zone=time_zone)


MIN_WIDTH = 520


class TokenDialog(FormDialog):
    """A form for a token's name and scopes."""

    def __init__(self, submit: Submit | None = None, parent: QWidget | None = None) -> None:
        super().__init__(tr("Create a token"), accept=tr("Create"), submit=submit, parent=parent)
        hint = tr("such as: sign at the entrance")
        self.name = self.add("name", tr("Name"), make_text_field(hint=hint), is_needed=True)
        self.name.setMaxLength(MAX_NAME)
        boxes = CheckBoxes(((scope, name_scope(scope)) for scope in Scope), (Scope.NOW,))
        self.scopes = self.add("scopes", tr("Access to"), boxes, is_needed=True).boxes


class NewTokenDialog(QDialog):
    """A dialog that shows a new token once; it is not stored."""

    def __init__(self, name: str, secret: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("The token of {name}", name=name))
        self.setMinimumWidth(MIN_WIDTH)
        note = QLabel(
            tr(
                "Copy the token now: it is not stored and cannot be shown again. Anyone who has it can "
                "access the data."
            ),
            self,
        )
        note.setWordWrap(True)
        self.secret = QLineEdit(secret, self)
        self.secret.setReadOnly(True)
        self.secret.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.secret.setAccessibleName(tr("Token"))
        self.secret.setCursorPosition(0)
        self.copy = QPushButton(tr("Copy"), self)
        self.copy.setAccessibleName(tr("Copy the token"))
        self.copy.clicked.connect(self._copy)
        self.done_button = QPushButton(tr("Close"), self)
        self.done_button.setAccessibleName(tr("Close"))
        self.done_button.clicked.connect(self.accept)
        row, bottom_row = QHBoxLayout(), QHBoxLayout()
        row.addWidget(self.secret, 1)
        row.addWidget(self.copy)
        bottom_row.addStretch(1)
        bottom_row.addWidget(self.done_button)
        fill(QVBoxLayout(self), note, row, bottom_row)
        self.copy.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.secret.text())
        self.copy.setText(tr("Copied"))


_FIELD_WIDTH = 220


class OtherSystemsCard(SettingsCard):
    """The view of an `OtherSystemsState`; address and switch take effect when applied."""

    def __init__(self, viewmodel: OtherSystemsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown_settings: RestSettings | None = None
        self._shown_tokens: tuple[object, ...] = ()
        self._hint_label = make_label(role="muted", wraps=True, is_selectable=True, parent=self)
        self.enabled = QCheckBox(self)
        # in tab order
        self.host, self.port = QLineEdit(self), QSpinBox(self)
        self.certificate, self.key = QLineEdit(self), QLineEdit(self)
        self.port.setRange(MIN_PORT, MAX_PORT)
        self.port.setGroupSeparatorShown(False)
        self.port.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        for field in (self.host, self.certificate, self.key):
            field.setMinimumWidth(_FIELD_WIDTH)
        self._labels = {name: QLabel(self) for name in ("host", "port", "certificate", "key")}
        self.apply, self.serve, self.add = (QPushButton(self) for _ in range(3))
        self._server_label = make_label(wraps=True, parent=self)
        self._counts_label = make_label(role="muted", wraps=True, parent=self)
        self._tokens_title, self._no_token = QLabel(self), make_label(role="muted", parent=self)
        self._body, self._parts_layout = QWidget(self), QVBoxLayout()
        self._rows = make_grid(stretched=5, vertical_px=8)
        self._build()
        self._bind()
        self.retranslate()

    def add_part(self, part: QWidget) -> None:
        """Add the part of another kind of integration; it follows the language by itself."""
        self._parts_layout.addWidget(part)

    def retranslate(self) -> None:
        self._title.setText(tr("Other systems"))
        self._text.setText(
            tr(
                "Other programs can read current and past numbers: only counts, never the paths of "
                "visitors. Each program uses a token of its own."
            )
        )
        name_control(self.enabled, tr("REST server"))
        file_hint = tr("PEM file, in the venue's folder or with its path")
        for name, text, field, hint in (
            ("host", tr("Address"), self.host, tr("127.0.0.1: only programs on this computer")),
            ("port", tr("Port"), self.port, ""),
            ("certificate", tr("TLS certificate"), self.certificate, file_hint),
            ("key", tr("Private key"), self.key, file_hint),
        ):  # fmt: skip
            self._labels[name].setText(text)
            field.setAccessibleName(text)
            field.setToolTip(hint)
            self._labels[name].setToolTip(hint)
        self.apply.setText(tr("Apply"))
        self.apply.setAccessibleName(tr("Apply the settings of the REST server"))
        self.add.setText(tr("Create a token…"))
        self.add.setAccessibleName(tr("Create a token for another system"))
        self._tokens_title.setText(tr("Tokens"))
        self._no_token.setText(tr("There are no tokens yet. A system needs one to read data."))
        self._shown_tokens = ()
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        self._viewmodel.set_active(is_seen)

    def _build(self) -> None:
        form = make_grid(stretched=4)
        for index, (name, field) in enumerate(
            (("host", self.host), ("port", self.port), ("certificate", self.certificate), ("key", self.key))
        ):
            row, column = divmod(index, 2)
            form.addWidget(self._labels[name], row, 2 * column)
            form.addWidget(field, row, 2 * column + 1)
        serving = fill(QHBoxLayout(), self.apply, self.serve, (self._server_label, 1))
        body = make_body(self._body, spacing_px=12)
        body.addWidget(self.enabled)
        body.addLayout(form)
        body.addLayout(serving)
        body.addWidget(self._counts_label)
        body.addWidget(self._hint_label)
        body.addWidget(self._tokens_title)
        body.addWidget(self._no_token)
        body.addLayout(self._rows)
        body.addLayout(fill(make_row(), self.add, 1))
        body.addLayout(self._parts_layout)
        self.column.addWidget(self._body)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self.show_failure)
        viewmodel.token_created.connect(self._show_token)
        self.apply.clicked.connect(self._apply)
        self.serve.clicked.connect(self._switch_serving)
        self.add.clicked.connect(self._open_token_dialog)
        self.enabled.toggled.connect(self._on_edited)
        self.port.valueChanged.connect(self._on_edited)
        for field in (self.host, self.certificate, self.key):
            field.textChanged.connect(self._on_edited)
            field.returnPressed.connect(self._apply)

    @property
    def settings_entered(self) -> RestSettings:
        return RestSettings(
            self.enabled.isChecked(),
            self.host.text().strip(),
            self.port.value(),
            self.certificate.text().strip(),
            self.key.text().strip(),
            self._viewmodel.state.settings.requests_per_min,
        )

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._body.setEnabled(state.folder is not None)
        if state.settings != self._shown_settings:
            self._shown_settings = state.settings
            self._fill(state.settings)
        self._on_edited()
        self.serve.setText(name_switch(state.serving))
        self.serve.setAccessibleName(
            tr("Stop the server for other systems")
            if state.serving is Serving.HERE
            else tr("Start the server for other systems")
        )
        self._server_label.setText(describe_server(state))
        set_style_property(self._server_label, "role", "good" if state.serving is Serving.HERE else "muted")
        self._counts_label.setText(describe_counts(state))
        self._counts_label.setVisible(bool(self._counts_label.text()))
        self._hint_label.setText(
            ""
            if state.folder is None
            else tr(
                "To run it without a window: python -m app serve --venue {folder}", folder=f'"{state.folder}"'
            )
        )
        if state.failure is not None:
            self.show_failure(state.failure)
        self._show_tokens(state)

    def _fill(self, settings: RestSettings) -> None:
        self.enabled.setChecked(settings.is_enabled)
        self.host.setText(settings.host)
        self.port.setValue(settings.port)
        self.certificate.setText(settings.tls_certificate)
        self.key.setText(settings.tls_key)

    def _on_edited(self) -> None:
        state = self._viewmodel.state
        is_applied = self.settings_entered == state.settings
        self.apply.setEnabled(state.folder is not None and not is_applied)
        needs_tls = not is_loopback(self.host.text().strip())
        for name in ("certificate", "key"):
            set_style_property(self._labels[name], "role", "" if needs_tls else "muted")
        self.serve.setEnabled(
            state.folder is not None
            and (state.serving is Serving.HERE or (state.serving is Serving.OFF and is_applied))
        )

    def _show_tokens(self, state: OtherSystemsState) -> None:
        last_used_s = {} if state.report is None else state.report.tokens_utc_s
        shown = (state.tokens, tuple(last_used_s.items()), state.time_zone)
        if shown == self._shown_tokens:
            return
        self._shown_tokens = shown
        clear_grid(self._rows)
        self._no_token.setVisible(not state.tokens)
        for row, token in enumerate(state.tokens):
            self._add_token(row, token, last_used_s.get(token.token_id), state.time_zone)

    def _add_token(self, row: int, token: AccessToken, used_utc_s: float | None, time_zone: str) -> None:
        scopes = tr(", ").join(name_scope(scope) for scope in Scope if scope in token.scopes)
        cells = [
            (token.name, ""),
            (token.token_id, "muted"),
            (scopes, "muted"),
            (tr("created {time}", time=format_time(token.created_utc, time_zone)), "muted"),
        ]
        if token.revoked_utc is not None:
            cells.append((tr("revoked {time}", time=format_time(token.revoked_utc, time_zone)), "muted"))
        elif used_utc_s is not None:
            last = format_date_time(used_utc_s, time_zone=time_zone, has_date=False)
            cells.append((tr("last request {time}", time=last), "muted"))
        for column, (text, role) in enumerate(cells):
            label = make_label(text=text, parent=self)
            label.setProperty("role", role)
            self._rows.addWidget(label, row, column)
            label.show()
        if token.revoked_utc is None:
            button = QPushButton(tr("Revoke"), self)
            button.setAccessibleName(tr("Revoke the token of {name}", name=token.name))
            button.setToolTip(tr("The token becomes invalid immediately."))
            button.clicked.connect(partial(self._viewmodel.revoke, token.token_id))
            self._rows.addWidget(button, row, 6)
            button.show()

    def _apply(self) -> None:
        if self.apply.isEnabled():
            self.notice.hide()
            self._viewmodel.save(self.settings_entered)

    def _switch_serving(self) -> None:
        self.notice.hide()
        if self._viewmodel.state.serving is Serving.HERE:
            self._viewmodel.stop_serving()
        else:
            self._viewmodel.start_serving()

    def _open_token_dialog(self) -> None:
        self.notice.hide()
        open_dialog(TokenDialog(lambda form: self._viewmodel.add_token(**form.values), self))

    def _show_token(self, name: str, secret: str) -> None:
        open_dialog(NewTokenDialog(name, secret, self))
