from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from resources import atomic_file
from resources.atomic_file import replace_file, write_text_atomically

on_posix = pytest.mark.skipif(os.name == "nt", reason="file modes are those of POSIX")


def test_writes_the_content_and_leaves_nothing_else(tmp_path: Path) -> None:
    with replace_file(tmp_path / "visits.csv") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".csv"
        temporary.write_text("visitor\n")
        assert not (tmp_path / "visits.csv").exists()

    assert [p.name for p in tmp_path.iterdir()] == ["visits.csv"]
    assert (tmp_path / "visits.csv").read_text() == "visitor\n"


def test_keeps_the_old_file_and_removes_the_temporary_one_when_the_writer_fails(tmp_path: Path) -> None:
    target = tmp_path / "summary.json"
    target.write_text("old")

    def write_half() -> None:
        with replace_file(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_keeps_the_old_file_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "summary.json"
    target.write_text("old")

    def refuse(_path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic_file, "_flush_to_disk", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_text_atomically(target, "new")

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_removes_the_temporary_file_when_the_name_is_taken_by_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "venue.toml"
    target.mkdir()

    with pytest.raises((IsADirectoryError, PermissionError)):
        write_text_atomically(target, "new")

    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_text_atomically(tmp_path / "absent" / "x.csv", "text")


@on_posix
@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_the_file_gets_its_mode_whatever_the_old_one_had(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "x.toml"
    target.write_text("old")
    target.chmod(0o666)

    write_text_atomically(target, "new", mode=mode)

    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_text_is_utf_8_with_its_own_line_ends(tmp_path: Path) -> None:
    write_text_atomically(tmp_path / "x.csv", "名称\r\n展台\n")
    assert (tmp_path / "x.csv").read_bytes() == "名称\r\n展台\n".encode()


@pytest.mark.skipif(os.name != "nt", reason="only Windows refuses to replace a file that is open")
def test_waits_until_a_reader_has_closed_the_file(tmp_path: Path) -> None:
    target = tmp_path / "status.json"
    target.write_text("old")
    reader = target.open("rb")
    threading.Timer(0.3, reader.close).start()

    write_text_atomically(target, "new")

    assert target.read_text() == "new"
