"""What `build.spec` makes of a Windows Python: run as PyInstaller does, with its analysis replaced."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import typer

from app.cli.program import make_app

PROJECT = Path(__file__).parents[3]
OPENVINO_LIBRARIES = (
    "openvino.dll",
    "openvino.lib",
    "openvino_intel_cpu_plugin.dll",
    "openvino_intel_gpu_plugin.dll",
    "openvino_ir_frontend.dll",
    "tbb12.dll",
    "tbb12.lib",
)


def run_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, binaries: list[str], datas: list[str]) -> Any:
    """Run the file as on Windows; return the program's options and what is collected."""
    libraries = tmp_path / "openvino" / "libs"
    libraries.mkdir(parents=True)
    for name in OPENVINO_LIBRARIES:
        (libraries / name).touch()
    hooks = ModuleType("PyInstaller.utils.hooks")
    vars(hooks).update(
        collect_data_files=lambda _name: [],
        collect_submodules=lambda name: [name],
        copy_metadata=lambda name, recursive: [(name, name)],
    )
    openvino = ModuleType("openvino")
    openvino.__file__ = str(tmp_path / "openvino" / "__init__.py")
    unneeded = dict.fromkeys(
        ("drop_unneeded", "forward_lapack", "replace_encoders", "share_libraries"),
        lambda *_: pytest.fail("Linux"),
    )
    linux = ModuleType("bundle_libraries")
    vars(linux).update(unneeded)
    for name, module in (
        ("PyInstaller", ModuleType("PyInstaller")),
        ("PyInstaller.utils", ModuleType("PyInstaller.utils")),
        ("PyInstaller.utils.hooks", hooks),
        ("openvino", openvino),
        ("bundle_libraries", linux),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "path", list(sys.path))
    made: dict[str, Any] = {}

    def analyse(_scripts: list[str], **options: Any) -> SimpleNamespace:
        made["analysis"] = options
        return SimpleNamespace(
            pure=[],
            scripts=[],
            binaries=[(name, f"C:\\python\\{name}", "BINARY") for name in binaries],
            datas=[(name, f"C:\\python\\{name}", "DATA") for name in datas],
        )

    names = {
        "SPECPATH": str(PROJECT),
        "workpath": str(tmp_path),
        "Analysis": analyse,
        "PYZ": lambda pure: pure,
        "EXE": lambda *_, **options: made.update(program=options),
        "COLLECT": lambda _program, binaries, datas, **options: made.update(
            binaries=[entry[0] for entry in binaries], datas=[entry[0] for entry in datas], collect=options
        ),
    }
    exec(compile((PROJECT / "build.spec").read_text(encoding="utf-8"), "build.spec", "exec"), names)
    return SimpleNamespace(**made)


def test_openvino_comes_with_the_libraries_that_count_on_a_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [f"openvino\\libs\\{name}" for name in OPENVINO_LIBRARIES]

    made = run_spec(tmp_path, monkeypatch, found, [])

    needed = ["openvino.dll", "openvino_intel_cpu_plugin.dll", "openvino_ir_frontend.dll", "tbb12.dll"]
    assert [Path(source).name for source, _ in made.analysis["binaries"]] == needed
    assert [name.rpartition("\\")[2] for name in made.binaries] == needed


def test_qt_keeps_its_platform_and_our_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ["PySide6\\Qt6Widgets.dll", "PySide6\\plugins\\platforms\\qwindows.dll"]
    left_out = ["PySide6\\Qt6Quick.dll", "PySide6\\plugins\\generic\\qtuiotouchplugin.dll"]
    texts = [f"PySide6\\translations\\qtbase_{language}.qm" for language in ("de", "en", "zh_CN")]

    made = run_spec(tmp_path, monkeypatch, kept + left_out, [*texts, "resources\\fonts\\a.otf"])

    assert made.binaries == kept
    assert made.datas == [*texts[1:], "resources\\fonts\\a.otf"]


def test_libraries_are_not_stripped_and_no_console_stays_beside_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run_spec(tmp_path, monkeypatch, [], [])

    # GNU's strip damages libraries of Windows
    assert made.program["strip"] is made.collect["strip"] is False
    assert made.program["hide_console"] == "hide-early"
    assert {"app", "vision", "analytics", "resources", "keyring.backends"} <= set(
        made.analysis["hiddenimports"]
    )


def test_the_environment_for_wine_has_every_package() -> None:
    def read_names(text: str) -> set[str]:
        names = re.findall(r'^[ ]*"?([A-Za-z][\w.-]*?)(?:\[\w+\])?(?:>=|==)', text, re.MULTILINE)
        return {re.sub(r"[-_.]+", "-", name).lower() for name in names}

    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    declared = project.partition("dependencies = [")[2].partition("\ntorch = [")[0]
    pinned = read_names((PROJECT / "tools" / "windows" / "requirements.txt").read_text(encoding="utf-8"))

    assert len(read_names(declared)) > 25
    assert read_names(declared) <= pinned


def test_the_installer_names_entries_in_both_languages_and_starts_commands_that_exist() -> None:
    content = (PROJECT / "packaging" / "windows" / "expoflow.iss").read_bytes()
    # without a mark Inno Setup may read the text in the code page of the machine
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")

    entries = re.search(r"\[Icons\]\n(.*?)\n\[", text, re.DOTALL)
    assert entries is not None
    commands = re.findall(r'Parameters: "(?:/k """"\{app\}\\expoflow\.exe"" )?(\w+)', entries[1])
    assert commands == ["gui", "demo", "doctor", "gui"]
    assert set(commands) <= set(typer.main.get_command(make_app()).commands)
    for entry in re.findall(r"\{code:NameEntry\|(\w+)\}", text):
        assert entry in commands
    names = re.findall(r"Result := '([^']+)'", text)
    assert [name.isascii() for name in names] == [False, True, False, True]
