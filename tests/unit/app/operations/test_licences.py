"""The About box names the licence of everything that runs in the program."""

from app.operations.licences import read_licences, sort_licences


def test_every_package_that_runs_here_names_its_licence() -> None:
    found = {each.name.lower(): each for each in read_licences()}
    assert [name for name, each in found.items() if not each.licence or not each.version] == []
    assert found["expoflow"].licence == "AGPL-3.0-or-later"
    # what it needs itself, what its window needs, and what those need
    assert {"numpy", "pyqtgraph", "pydantic_core", "jeepney"} <= set(found)


def test_what_only_tests_need_is_not_part_of_the_program() -> None:
    names = {each.name.lower() for each in read_licences()}
    assert not names & {"pytest", "hypothesis", "mypy", "ruff"}


def test_the_program_itself_comes_first() -> None:
    names = [each.name for each in sort_licences(read_licences())]
    assert names[0] == "expoflow"
    assert names[1:] == sorted(names[1:], key=str.lower)
