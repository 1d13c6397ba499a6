"""A form stays open with what was typed until everything in it is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from analytics.domain.errors import VenueError
from app.core.job import JobContext
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.widgets.form_dialog import (
    CheckBoxes,
    FormDialog,
    make_choice,
    make_number_field,
    make_text_field,
)

WITHIN_MS = 10_000


@pytest.fixture
def runner(qtbot: QtBot) -> JobRunner:
    return JobRunner()


def make_form(qtbot: QtBot, submit: Callable[[Any], JobHandle | None] | None = None) -> FormDialog:
    form = FormDialog("Address", submit=submit)
    form.add("name", "Name", make_text_field("Desk"), is_needed=True)
    form.add("to", "To", make_text_field(), is_needed=True)
    form.add("port", "Port", make_number_field(587, minimum=1, maximum=65_535))
    form.add("kinds", "Kinds", CheckBoxes([("a", "A"), ("b", "B")], ["a"]), is_needed=True)
    form.add("language", "Language", make_choice([("en", "English"), ("zh_CN", "中文")], "zh_CN"))
    qtbot.addWidget(form)
    form.show()
    return form


def find_field(form: FormDialog, name: str) -> QLineEdit:
    (field,) = [one for one in form.findChildren(QLineEdit) if one.accessibleName() == name]
    return field


def test_what_is_missing_is_said_beside_its_field(qtbot: QtBot) -> None:
    form = make_form(qtbot)
    find_field(form, "Name").clear()
    qtbot.mouseClick(form.accepting, Qt.MouseButton.LeftButton)
    assert form.isVisible()
    assert form.faults == ["Fill this in.", "Fill this in."]
    assert find_field(form, "Name").accessibleDescription() == "Fill this in."
    find_field(form, "Name").setText("Desk")
    assert form.faults == ["Fill this in."]
    find_field(form, "To").setText("abc")
    form.findChildren(CheckBoxes)[0].boxes["a"].setChecked(False)
    form.accept()
    assert form.faults == ["Select at least one."]
    form.findChildren(CheckBoxes)[0].boxes["b"].setChecked(True)
    form.accept()
    assert not form.isVisible()


def test_a_number_out_of_range_is_refused_as_it_was_typed(qtbot: QtBot) -> None:
    form = make_form(qtbot)
    find_field(form, "To").setText("abc")
    port = form._rows["port"].field
    port.setFocus()
    port.lineEdit().selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(port, "99999999")
    form.accept()
    assert form.isVisible()
    assert form.faults == ["Enter a whole number from 1 to 65535."]
    assert port.text().strip() == "99999999"  # type: ignore[attr-defined]


def test_a_failed_job_leaves_what_was_typed_and_says_why_beside_its_field(
    qtbot: QtBot, runner: JobRunner
) -> None:
    taken: list[dict[str, Any]] = []

    def save(form: FormDialog) -> JobHandle:
        def work(_context: JobContext) -> None:
            if form_values["to"] == "abc":
                raise VenueError("'{to}' is not a valid address.", "Enter another one.", to="abc")
            if form_values["name"] == "Desk":
                raise VenueError("The disk is full.", "Free some space.")

        form_values = form.values
        return runner.run("Saving", work, on_done=lambda _none: taken.append(form_values))

    form = make_form(qtbot, save)
    to, name = find_field(form, "To"), find_field(form, "Name")
    to.setText("abc")
    form.accept()
    assert not form.accepting.isEnabled()
    qtbot.waitUntil(form.accepting.isEnabled, timeout=WITHIN_MS)
    assert form.faults == ["'abc' is not a valid address. Enter another one."]
    assert to.accessibleDescription() == form.faults[0]
    assert to.text() == "abc"
    to.setText("abd")
    form.accept()
    qtbot.waitUntil(form.accepting.isEnabled, timeout=WITHIN_MS)
    assert form.faults == ["The disk is full. Free some space."]
    name.setText("Hall")
    form.accept()
    qtbot.waitUntil(lambda: not form.isVisible(), timeout=WITHIN_MS)
    assert taken == [{"name": "Hall", "to": "abd", "port": 587, "kinds": frozenset("a"), "language": "zh_CN"}]
    assert runner.shutdown()


def test_a_hidden_field_is_neither_needed_nor_read(qtbot: QtBot) -> None:
    form = make_form(qtbot)
    form.show_row("to", False)
    form.accept()
    assert not form.isVisible()
    form.show()
    assert "to" not in form.values
