"""Leave out of a Linux bundle the shared libraries that it can do without."""

import platform
import re
import subprocess
from pathlib import Path, PurePosixPath

Entry = tuple[str, str, str]
"""A file as PyInstaller lists it: name in the bundle, source (target of a link), kind."""

BROUGHT_BY_WHEEL = re.compile(
    r"[^/]+[.]libs/lib(?P<name>.+?)(-[0-9a-f]{8}){1,2}[.]so[.](?P<major>[0-9]+)(?P<minor>[.0-9]*)"
)
LINKED_ONLY = re.compile(r"([^/]+[.]libs/|PySide6/Qt/lib/|pyarrow/|)lib[^/.][^/]*[.]so[^/]*")
"""Libraries that are loaded only for what is linked with them; plugins are loaded by name."""
ENCODERS = {"x265": 0, "SvtAv1Enc": -1}
"""Encoders of PyAV, which only decodes here, with the answer of their functions that says "not available"."""
# instructions that go on in another function, and that return a number
JUMPS = {"x86_64": "jmp {}@PLT", "aarch64": "b {}"}
RETURNS = {"x86_64": "mov ${}, %rax; ret", "aarch64": "mov x0, #{}; ret"}


def share_libraries(entries: list[Entry]) -> list[Entry]:
    """Link what several wheels bring (FFmpeg, AVIF, the Fortran runtime) to the newest copy.

    Two wheels share nothing as soon as one copy lacks a function of another: the libraries of a wheel call
    each other, and wheels of one version of FFmpeg were built with different patches.
    """
    copies: dict[tuple[str, str], list[tuple[list[int], int, str]]] = {}
    sources = {name: source for name, source, _ in entries}
    for name, source, kind in entries:
        found = BROUGHT_BY_WHEEL.fullmatch(name)
        if found and kind == "BINARY":
            version = [int(part) for part in found["minor"].split(".") if part]
            copies.setdefault((found["name"], found["major"]), []).append(
                (version, Path(source).stat().st_size, name)
            )
    newest = {name: max(of_library)[2] for of_library in copies.values() for *_, name in of_library}
    apart = {
        frozenset((Path(name).parent, Path(other).parent))
        for name, other in newest.items()
        if not _list_symbols(sources[name]) <= _list_symbols(sources[other])
    }

    def is_shared(name: str) -> bool:
        other = newest.get(name, name)
        return other != name and frozenset((Path(name).parent, Path(other).parent)) not in apart

    return [
        (name, f"../{newest[name]}", "SYMLINK") if is_shared(name) else (name, source, kind)
        for name, source, kind in entries
    ]


def forward_lapack(entries: list[Entry], folder: Path) -> list[Entry]:
    """Let OpenCV use the OpenBLAS of scipy, whose names begin with `scipy_`, in place of one of its own.

    Args:
        folder: where the library is written that forwards the calls.
    """
    sources = {name: source for name, source, _ in entries}
    own = [name for name in sources if name.startswith("opencv_python_headless.libs/libopenblas")]
    of_scipy = [name for name in sources if re.fullmatch(r"scipy[.]libs/libscipy_openblas-[^/]+", name)]
    jump = JUMPS.get(platform.machine())
    if len(own) != 1 or len(of_scipy) != 1 or jump is None:
        return entries
    called = _list_symbols(sources["cv2/cv2.abi3.so"], "--undefined-only") & _list_symbols(sources[own[0]])
    missing = {f"scipy_{name}" for name in called} - _list_symbols(sources[of_scipy[0]])
    if missing:
        raise SystemExit(f"the OpenBLAS of scipy lacks {sorted(missing)}")
    library = folder / Path(own[0]).name
    _assemble(library, {name: jump.format(f"scipy_{name}") for name in called}, sources[of_scipy[0]])
    return [(name, str(library) if name == own[0] else source, kind) for name, source, kind in entries]


def replace_encoders(entries: list[Entry], folder: Path) -> list[Entry]:
    """Put libraries in the place of ENCODERS whose functions answer that there is no encoder.

    Args:
        folder: where the libraries are written.
    """
    of_av = {source for name, source, _ in entries if name.startswith("av.libs/")}
    called = {symbol for source in of_av for symbol in _list_symbols(source, "--undefined-only")}
    replaced = {}
    for name, source, _ in entries:
        found = re.fullmatch(r"av[.]libs/lib(.+)-[0-9a-f]{8}[.]so[.0-9]*", name)
        if found and found[1] in ENCODERS and platform.machine() in RETURNS:
            replaced[name] = str(folder / Path(name).name)
            answer = RETURNS[platform.machine()].format(ENCODERS[found[1]])
            _assemble(Path(replaced[name]), dict.fromkeys(called & _list_symbols(source), answer))
    return [(name, replaced.get(name, source), kind) for name, source, kind in entries]


def _assemble(library: Path, functions: dict[str, str], *linked: str) -> None:
    library.parent.mkdir(parents=True, exist_ok=True)
    code, compiled = library.with_suffix(".s"), library.with_suffix(".o")
    code.write_text(
        '.section .note.GNU-stack,"",%progbits\n.text\n'
        + "".join(
            f".globl {name}\n.type {name}, %function\n{name}: {body}\n"
            for name, body in sorted(functions.items())
        )
    )
    subprocess.run(["as", "-o", compiled, code], check=True)
    link = ["ld", "-shared", "-soname", library.name, "-rpath", "$ORIGIN/../scipy.libs", "-o", library]
    subprocess.run([*link, compiled, *linked], check=True)


def drop_unneeded(entries: list[Entry]) -> list[Entry]:
    """Return the entries without libraries that nothing in the bundle is linked with."""
    by_base: dict[str, list[Entry]] = {}
    for entry in entries:
        by_base.setdefault(PurePosixPath(entry[0]).name, []).append(entry)
    waiting = [
        entry for entry in entries if not LINKED_ONLY.fullmatch(entry[0]) or entry[0].startswith("libpython")
    ]
    kept = set()
    while waiting:
        name, source, kind = waiting.pop()
        if name not in kept:
            kept.add(name)
            linked = [PurePosixPath(source).name] if kind == "SYMLINK" else _list_needed(source)
            waiting += [entry for base in linked for entry in by_base.get(base, ())]
    return [entry for entry in entries if entry[0] in kept]


def _list_needed(source: str) -> list[str]:
    read = subprocess.run(["readelf", "-d", source], capture_output=True, text=True, check=False)
    return re.findall(r"[(]NEEDED[)].*\[(.+)\]", read.stdout)


def _list_symbols(source: str, which: str = "--defined-only") -> set[str]:
    read = subprocess.run(["nm", "-D", "-P", which, source], capture_output=True, text=True, check=True)
    return {line.split()[0].split("@")[0] for line in read.stdout.splitlines()}
