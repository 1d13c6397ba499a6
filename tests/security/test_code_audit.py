"""The audit finds what is planted, and does not call clean what it could not look at."""

from __future__ import annotations

from pathlib import Path

from tests.security.code_audit import (
    CLEAN,
    FOUND,
    NOT_LOOKED_UP,
    NOT_OURS,
    find_unexplained,
    judge_packages,
    run_bandit,
)


def test_a_planted_fault_is_found_and_an_explained_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "planted.py").write_text(
        "import subprocess\n"
        "import hashlib\n"
        "subprocess.run('/bin/ls', shell=True)\n"
        "hashlib.md5(b'')  # noqa: S324 - the protocol knows no other\n"
        "hashlib.sha1(b'')  # noqa: S101\n"
    )
    found = find_unexplained(run_bandit(tmp_path, "code"), tmp_path)
    assert [(one.place, one.rule) for one in found if one.rule not in NOT_OURS] == [
        ("code/planted.py:3", "B602"),
        ("code/planted.py:5", "B324"),
    ]


def test_packages_that_nobody_could_look_up_are_not_clean() -> None:
    skipped = {"name": "a", "skip_reason": "not found"}
    sound = {"name": "b", "version": "1", "vulns": []}
    bad = {"name": "c", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    assert judge_packages({"dependencies": [skipped]})[0] == NOT_LOOKED_UP
    assert judge_packages({"dependencies": []})[0] == NOT_LOOKED_UP
    assert judge_packages({"dependencies": [sound, skipped]}) == (CLEAN, ["1 of 2 packages were looked up."])
    status, sentences = judge_packages({"dependencies": [bad, sound]})
    assert status == FOUND
    assert "PYSEC-1" in sentences[0]
