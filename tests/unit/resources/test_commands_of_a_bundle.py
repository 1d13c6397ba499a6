"""What a bundle without Python says of commands."""

import sys

import pytest

from resources.translations import load_translations, name_command

REMEDY = (
    "Download it with: python -m app models get {name}, or import a file with: python -m app "
    "models import FILE"
)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_bundle_names_its_own_program(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    as_source = load_translations(language).gettext(REMEDY)
    assert "python -m app models get {name}" in as_source
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert load_translations(language).gettext(REMEDY) == as_source.replace("python -m app", "expoflow")
    assert name_command("python -m app record") == "expoflow record"


def test_a_bundle_translates_counts_and_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    as_source = load_translations("zh_CN")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    in_bundle = load_translations("zh_CN")
    one, many = "{count} visitor", "{count} visitors"
    assert in_bundle.ngettext(one, many, 2) == as_source.ngettext(one, many, 2)
    assert in_bundle.pgettext("language", "name") == as_source.pgettext("language", "name") == "简体中文"
