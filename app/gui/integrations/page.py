"""Which other systems may ask about the venue, for the settings page; other ways of telling add parts."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.gui.integrations.model import OtherSystemsState, OtherSystemsViewModel, Serving
from app.gui.session.cell_text import ABSENT, format_moment, format_number
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr, trn
from app.gui.widgets.forms import (
    clear_grid,
    make_body,
    make_grid,
    make_label,
    make_row,
    make_save_buttons,
    name_control,
    set_look,
)
from app.gui.widgets.settings_card import SettingsCard
from app.integrations.rest.access_tokens import MAX_NAME, AccessToken, Scope
from app.integrations.rest.rest_settings import MAX_PORT, MIN_PORT, RestSettings, is_loopback


def name_scope(scope: Scope) -> str:
    """What a token may ask, in a few words."""
    return {
        Scope.NOW: tr("what is now"),
        Scope.HISTORY: tr("what was, by hour and day"),
        Scope.METRICS: tr("figures for Prometheus"),
    }[scope]


def name_switch(serving: Serving) -> str:
    """The button that starts and ends the program that answers."""
    return {
        Serving.OFF: tr("Start"),
        Serving.STARTING: tr("Starting…"),
        Serving.HERE: tr("Stop"),
        Serving.STOPPING: tr("Stopping…"),
        Serving.ELSEWHERE: tr("Start"),
    }[serving]


def describe_standing(state: OtherSystemsState) -> str:
    """Whether somebody answers, and where."""
    if state.folder is None:
        return tr("Open a venue first.")
    if state.serving is Serving.HERE and state.settings.is_enabled:
        return tr("Answers at {url}, as long as this window is open.", url=state.settings.url)
    if state.serving is Serving.OFF and state.settings.is_enabled:
        return tr("Allowed, but no program answers now.")
    return {
        Serving.OFF: tr("Nobody may ask by REST."),
        Serving.STARTING: tr("The program that answers is starting."),
        Serving.HERE: tr("Other systems are told, as long as this window is open."),
        Serving.STOPPING: tr("The program that answers is ending."),
        Serving.ELSEWHERE: tr(
            "Another program answers for this venue; changed settings hold once that starts again."
        ),
    }[state.serving]


def describe_counts(state: OtherSystemsState) -> str:
    """What was asked so far, and which way of telling fails; empty while nothing is known."""
    report = state.report
    if report is None:
        return ""
    last = (
        ABSENT
        if report.last_utc_s is None
        else format_moment(report.last_utc_s, time_zone=state.time_zone, has_date=False)
    )
    words = [
        trn("{n} request answered", "{n} requests answered", report.answered),
        tr("{count} refused", count=format_number(report.refused)),
        tr("last asked {time}", time=last),
    ]
    words += [f"{one.name}: {one.failure}" for one in report.publishers if one.failure]
    return tr("; ").join(words)


def tell_time(moment: datetime, time_zone: str) -> str:
    """A moment by the venue's clock."""
    return format_moment(moment.timestamp(), time_zone=time_zone)


MIN_WIDTH = 520


class TokenDialog(QDialog):
    """Asks who uses it and what it may ask."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Make a token"))
        self.setMinimumWidth(MIN_WIDTH)
        self.name = QLineEdit(self)
        self.name.setMaxLength(MAX_NAME)
        self.name.setPlaceholderText(tr("such as: sign at the entrance"))
        self.name.setAccessibleName(tr("Who uses it"))
        self.scopes = {scope: QCheckBox(name_scope(scope), self) for scope in Scope}
        self.scopes[Scope.NOW].setChecked(True)
        form = QFormLayout(self)
        form.addRow(tr("Who uses it"), self.name)
        for number, box in enumerate(self.scopes.values()):
            box.setAccessibleName(box.text())
            box.toggled.connect(self._check)
            form.addRow(tr("May ask") if number == 0 else "", box)
        buttons = make_save_buttons(self)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Ok)
        name_control(self._save, tr("Make it"))
        form.addRow(buttons)
        self.name.textChanged.connect(self._check)
        self._check()

    @property
    def scopes_chosen(self) -> frozenset[Scope]:
        """What it is to be allowed."""
        return frozenset(scope for scope, box in self.scopes.items() if box.isChecked())

    def _check(self) -> None:
        self._save.setEnabled(bool(self.name.text().strip() and self.scopes_chosen))


class TokenShownDialog(QDialog):
    """The secret is in no file and cannot be shown again."""

    def __init__(self, name: str, secret: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("The token of {name}", name=name))
        self.setMinimumWidth(MIN_WIDTH)
        note = QLabel(
            tr("Copy it now: it is shown this once and kept nowhere. Whoever has it may ask in its name."),
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
        row, below = QHBoxLayout(), QHBoxLayout()
        row.addWidget(self.secret, 1)
        row.addWidget(self.copy)
        below.addStretch(1)
        below.addWidget(self.done_button)
        layout = QVBoxLayout(self)
        layout.addWidget(note)
        layout.addLayout(row)
        layout.addLayout(below)
        self.copy.setFocus()

    def forget(self) -> None:
        """Let the secret stand in no widget any more."""
        self.secret.clear()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.secret.text())
        self.copy.setText(tr("Copied"))


_FIELD_WIDTH = 220


class OtherSystemsCard(SettingsCard):
    """Shows an `OtherSystemsState`; whether and where is asked holds once it is applied."""

    def __init__(self, viewmodel: OtherSystemsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown_settings: RestSettings | None = None
        self._shown_tokens: tuple[object, ...] = ()
        self._how = make_label(role="muted", wraps=True, is_selectable=True, parent=self)
        self.enabled = QCheckBox(self)
        # in the order of the tab key
        self.host, self.port = QLineEdit(self), QSpinBox(self)
        self.certificate, self.key = QLineEdit(self), QLineEdit(self)
        self.port.setRange(MIN_PORT, MAX_PORT)
        self.port.setGroupSeparatorShown(False)
        self.port.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
        for field in (self.host, self.certificate, self.key):
            field.setMinimumWidth(_FIELD_WIDTH)
        self._labels = {name: QLabel(self) for name in ("host", "port", "certificate", "key")}
        self.apply, self.serve, self.add = (QPushButton(self) for _ in range(3))
        self._standing = make_label(wraps=True, is_plain=True, parent=self)
        self._counts = make_label(role="muted", wraps=True, is_plain=True, parent=self)
        self._tokens_title, self._no_token = QLabel(self), make_label(role="muted", parent=self)
        self._body, self._parts = QWidget(self), QVBoxLayout()
        self._rows = make_grid(stretched=5, vertical_px=8)
        self._build()
        self._bind()
        self.retranslate()

    def add_part(self, part: QWidget) -> None:
        """Show another way of telling other systems below these; it follows the language by itself."""
        self._parts.addWidget(part)

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._title.setText(tr("Other systems"))
        self._text.setText(
            tr(
                "Programs outside may ask how busy it is now, and how it was: counts alone, never where "
                "somebody went. Each has a token of its own."
            )
        )
        name_control(self.enabled, tr("Answer other systems (REST)"))
        file_hint = tr("PEM file, in the venue's folder or with its path")
        for name, text, field, hint in (
            ("host", tr("Address"), self.host, tr("127.0.0.1: programs of this machine alone")),
            ("port", tr("Port"), self.port, ""),
            ("certificate", tr("TLS certificate"), self.certificate, file_hint),
            ("key", tr("Key of the certificate"), self.key, file_hint),
        ):  # fmt: skip
            self._labels[name].setText(text)
            field.setAccessibleName(text)
            field.setToolTip(hint)
            self._labels[name].setToolTip(hint)
        self.apply.setText(tr("Apply"))
        self.apply.setAccessibleName(tr("Apply what is entered about other systems"))
        self.add.setText(tr("Make a token…"))
        self.add.setAccessibleName(tr("Make a token for another system"))
        self._tokens_title.setText(tr("Tokens"))
        self._no_token.setText(tr("No system has a token yet, so that nobody can ask."))
        self._shown_tokens = ()
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        """Have the folder looked at while somebody sees the card."""
        self._viewmodel.set_active(is_seen)

    def _build(self) -> None:
        form = make_grid(stretched=4)
        for index, (name, field) in enumerate(
            (("host", self.host), ("port", self.port), ("certificate", self.certificate), ("key", self.key))
        ):
            row, column = divmod(index, 2)
            form.addWidget(self._labels[name], row, 2 * column)
            form.addWidget(field, row, 2 * column + 1)
        serving = QHBoxLayout()
        serving.addWidget(self.apply)
        serving.addWidget(self.serve)
        serving.addWidget(self._standing, 1)
        body = make_body(self._body, spacing_px=12)
        body.addWidget(self.enabled)
        body.addLayout(form)
        body.addLayout(serving)
        body.addWidget(self._counts)
        body.addWidget(self._how)
        body.addWidget(self._tokens_title)
        body.addWidget(self._no_token)
        body.addLayout(self._rows)
        body.addLayout(make_row(self.add))
        body.addLayout(self._parts)
        self.column.addWidget(self._body)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self.show_failure)
        viewmodel.token_made.connect(self._show_token)
        self.apply.clicked.connect(self._apply)
        self.serve.clicked.connect(self._switch_serving)
        self.add.clicked.connect(self._ask_for_token)
        self.enabled.toggled.connect(self._on_edited)
        self.port.valueChanged.connect(self._on_edited)
        for field in (self.host, self.certificate, self.key):
            field.textChanged.connect(self._on_edited)
            field.returnPressed.connect(self._apply)

    @property
    def settings_entered(self) -> RestSettings:
        """What stands in the fields."""
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
            tr("End the program that answers other systems")
            if state.serving is Serving.HERE
            else tr("Start the program that answers other systems")
        )
        self._standing.setText(describe_standing(state))
        set_look(self._standing, "role", "good" if state.serving is Serving.HERE else "muted")
        self._counts.setText(describe_counts(state))
        self._counts.setVisible(bool(self._counts.text()))
        self._how.setText(
            ""
            if state.folder is None
            else tr("Without a window: python -m app serve --venue {folder}", folder=f'"{state.folder}"')
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
            set_look(self._labels[name], "role", "" if needs_tls else "muted")
        self.serve.setEnabled(
            state.folder is not None
            and (state.serving is Serving.HERE or (state.serving is Serving.OFF and is_applied))
        )

    def _show_tokens(self, state: OtherSystemsState) -> None:
        used = {} if state.report is None else state.report.tokens_utc_s
        shown = (state.tokens, tuple(used.items()), state.time_zone)
        if shown == self._shown_tokens:
            return
        self._shown_tokens = shown
        clear_grid(self._rows)
        self._no_token.setVisible(not state.tokens)
        for row, token in enumerate(state.tokens):
            self._add_token(row, token, used.get(token.token_id), state.time_zone)

    def _add_token(self, row: int, token: AccessToken, used_utc_s: float | None, time_zone: str) -> None:
        scopes = tr(", ").join(name_scope(scope) for scope in Scope if scope in token.scopes)
        cells = [
            (token.name, ""),
            (token.token_id, "muted"),
            (scopes, "muted"),
            (tr("made {time}", time=tell_time(token.created_utc, time_zone)), "muted"),
        ]
        if token.revoked_utc is not None:
            cells.append((tr("revoked {time}", time=tell_time(token.revoked_utc, time_zone)), "muted"))
        elif used_utc_s is not None:
            last = format_moment(used_utc_s, time_zone=time_zone, has_date=False)
            cells.append((tr("last asked {time}", time=last), "muted"))
        for column, (text, role) in enumerate(cells):
            label = make_label(text, is_plain=True, parent=self)
            label.setProperty("role", role)
            self._rows.addWidget(label, row, column)
            label.show()
        if token.revoked_utc is None:
            button = QPushButton(tr("Revoke"), self)
            button.setAccessibleName(tr("Revoke the token of {name}", name=token.name))
            button.setToolTip(tr("It opens nothing any more, at once."))
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

    def _ask_for_token(self) -> None:
        dialog = TokenDialog(self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.notice.hide()
            self._viewmodel.add_token(dialog.name.text().strip(), dialog.scopes_chosen)
        dialog.deleteLater()

    def _show_token(self, name: str, secret: str) -> None:
        dialog = TokenShownDialog(name, secret, self)
        dialog.exec()
        dialog.forget()
        dialog.deleteLater()
