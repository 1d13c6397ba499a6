"""The About box names the licence of everything that runs in the program."""

from importlib import metadata
from pathlib import Path

import pytest

from app.doctor.licences import BUNDLED_EXTRAS, read_licences, sort_licences


def test_every_package_of_the_bundle_names_its_licence() -> None:
    found = {each.name.lower(): each for each in read_licences(BUNDLED_EXTRAS)}
    assert [name for name, each in found.items() if not each.licence or not each.version] == []
    assert found["expoflow"].licence == "AGPL-3.0-or-later"
    # what it needs itself, what its window needs, and what those need
    assert {"numpy", "pyqtgraph", "pydantic_core", "jeepney"} <= set(found)


def test_what_only_tests_need_is_not_part_of_the_program() -> None:
    names = {each.name.lower() for each in read_licences()}
    assert not names & {"pytest", "hypothesis", "mypy", "ruff"}


def test_a_package_without_a_licence_is_listed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "bare_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bare-package\nVersion: 1.0\n")
    real = metadata.distribution

    def find(name: str) -> metadata.Distribution:
        return metadata.Distribution.at(info) if name == "numpy" else real(name)

    monkeypatch.setattr(metadata, "distribution", find)
    assert [each.licence for each in read_licences() if each.name == "bare-package"] == [""]


def test_the_program_itself_comes_first() -> None:
    names = [each.name for each in sort_licences(read_licences())]
    assert names[0] == "expoflow"
    assert names[1:] == sorted(names[1:], key=str.lower)
