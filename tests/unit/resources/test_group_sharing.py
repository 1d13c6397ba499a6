"""What is made in a folder that a group shares may be written by the group; elsewhere nothing changes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from resources.group_sharing import share_with_group

pytestmark = pytest.mark.skipif(os.name == "nt", reason="groups of POSIX")


def find_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("mode", "expected"), [(0o2770, 0o664), (0o770, 0o644), (0o2750, 0o644)])
def test_only_a_folder_that_hands_its_group_on_is_shared(tmp_path: Path, mode: int, expected: int) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "audit.sqlite").touch(mode=0o644)
    (folder / "audit.sqlite").chmod(0o644)
    outside = tmp_path / "outside"
    outside.touch()
    outside.chmod(0o600)
    (folder / "link").symlink_to(outside)
    folder.chmod(mode)
    share_with_group(folder)
    assert find_mode(folder / "audit.sqlite") == expected
    assert find_mode(outside) == 0o600
    share_with_group(tmp_path / "missing")
