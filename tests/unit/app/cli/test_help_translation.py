"""Help and misuse of the command line in both languages, and nothing of it in English alone."""

from __future__ import annotations

import ast
import re

import pytest
import typer

from app.cli import program
from app.cli.program import list_help_texts
from app.console import language
from resources.translations import load_translations
from tests.support.command_modules import list_command_modules

SPOKEN = ("print_message", "show_progress", "BadParameter")


@pytest.fixture(autouse=True)
def speak_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_load_catalogue", lambda: load_translations("zh_CN"))


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_every_help_text_has_a_chinese_one() -> None:
    texts = set(list_help_texts(typer.main.get_command(program.make_app())))
    assert len(texts) > 200
    chinese = load_translations("zh_CN")
    assert [text for text in sorted(texts) if chinese.gettext(text) == text] == []


def find_bare_texts(source: str) -> list[str]:
    """Sentences that are spoken without being translated, and headings of tables without a Chinese one."""
    found = []
    chinese = load_translations("zh_CN")
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        said = node.args[0]
        if name in SPOKEN and (isinstance(said, ast.JoinedStr | ast.Constant)):
            told = ast.unparse(said)
            if re.search(r"[A-Za-z]{2}", re.sub(r"\{[^}]*\}", "", told[1:])):
                found.append(told)
        if name == "print_table" and isinstance(said, ast.Tuple):
            headings = [one.value for one in said.elts if isinstance(one, ast.Constant)]
            found += [
                one
                for one in headings
                if re.search(r"[a-z]{3}", str(one)) and chinese.gettext(str(one)) == one
            ]
    return found


def test_nothing_is_spoken_in_english_alone() -> None:
    bare = {
        file.name: told
        for file in list_command_modules()
        if (told := find_bare_texts(file.read_text("utf-8")))
    }
    assert bare == {}
    assert find_bare_texts("print_message(f'Written to {out}')\nprint_table(('planted heading',), [])") == [
        "f'Written to {out}'",
        "planted heading",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["reprot"], "没有命令 reprot。您是否指 'report'"),
        (["report", "--bad"], "没有选项 --bad"),
        (["report"], "缺少 '--out'"),
        (["report", "--out"], "选项 --out 需要一个值"),
        (["report", "--out", "x", "--demo=3"], "选项 --demo 不接受值"),
        (["report", "--out", "x", "--demo", "more"], "多余的参数：“more”"),
        (["report", "--out", "x"], "请用 --venue 给出场馆文件夹"),
        (["report", "--out", "x", "--demo", "--language", "fr"], "'--language'：ExpoFlow 没有语言“fr”"),
        (["cameras", "find", "--timeout", "soon"], "'--timeout'：必须是数字（现为“soon”）"),
        (
            ["user", "add", "x", "--venue", "y", "--role", "boss"],
            "“boss”不在 'staff', 'manager', 'installer', 'administrator' 之中",
        ),
        (["cameras", "find", "--timeout", "999"], "'--timeout'：不得大于 60"),
    ],
)
def test_misuse_is_told_in_the_readers_language(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(arguments) == 2
    told = capsys.readouterr().err.replace("\n", "")
    assert words in told
    assert "--help”查看用法。" in told
    assert "Error" not in told


def test_help_is_chinese_and_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["export", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "用法：" in shown
    assert "选项" in shown
    assert "…" not in shown
    assert not re.search(r"Options|Usage|Show this", shown)


def test_english_stays_english(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(language, "_load_catalogue", lambda: load_translations("en"))
    assert program.main(["report", "--bad"]) == 2
    assert "There is no option --bad" in capsys.readouterr().err
    assert program.main(["report", "--help"]) == 0
    assert "Write a report of a period" in capsys.readouterr().out
