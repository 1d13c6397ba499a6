from __future__ import annotations

from pathlib import Path

import pytest

from resources.file_names import find_same_name, is_portable_name, make_portable_name


@pytest.mark.parametrize("name", ["hall", "CONference", "balcon", "展厅", "nul_", "com10", " a"])
def test_usual_names_stay(name: str) -> None:
    assert is_portable_name(name)
    assert make_portable_name(name) == name


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("CON", "CON_"),
        ("nul.expoflow", "nul_.expoflow"),
        ("Com1 .txt", "Com1_ .txt"),
        ("LPT\u00b9", "LPT\u00b9_"),
        ("a/b:c?", "a b c"),
        ("end. .", "end"),
        ("..", ""),
        ("", ""),
    ],
)
def test_names_that_windows_refuses_or_changes_get_the_nearest_that_it_takes(name: str, nearest: str) -> None:
    assert not is_portable_name(name)
    assert make_portable_name(name) == nearest


def test_a_file_is_found_regardless_of_case_but_the_exact_one_first(tmp_path: Path) -> None:
    (tmp_path / "Cafe.csv").touch()
    assert find_same_name(tmp_path / "CAFE.csv").samefile(tmp_path / "Cafe.csv")
    assert find_same_name(tmp_path / "bar.csv") == tmp_path / "bar.csv"
    assert find_same_name(tmp_path / "none" / "bar.csv") == tmp_path / "none" / "bar.csv"
    (tmp_path / "cafe.csv").touch()
    assert find_same_name(tmp_path / "cafe.csv").name == "cafe.csv"
