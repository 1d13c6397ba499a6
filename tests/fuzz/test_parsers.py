"""A parser of a stranger's file gives a result, or an error that says what is wrong and what to do.

Always within limits of time and memory, and without a change of any file. A few examples of each run with
every test run; `make fuzz` tries for a minute in all, or for as long as SECONDS says.
"""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from analytics.domain.errors import ExpoFlowError
from tests.fuzz.mutations import damaged
from tests.fuzz.parsers import PARSERS, Parser

SECONDS = float(os.environ.get("EXPOFLOW_FUZZ_SECONDS", "0"))
"""For all parsers together; 0: the few examples of every run."""
EXAMPLES, EXAMPLES_A_ROUND = 12, 150
MAX_S = 5.0
MAX_GROWTH_KIB = 700 * 1024
"""One address space is shared by all that runs here, so this is a bound against explosions alone."""


def list_files(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


def check(parser: Parser, content: bytes, folder: Path) -> bool:
    """Read one file, and hold what comes to what is promised; whether it could be read."""
    file = folder / parser.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    before = list_files(folder)
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began_s = time.process_time()
    refused: Exception | None = None
    try:
        parser.read(file)
    except (ExpoFlowError, *parser.foreseen) as error:
        refused = error
    took_s = time.process_time() - began_s
    assert took_s < MAX_S, f"{took_s:.1f} s of one processor"
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak_kib
    assert grown_kib < MAX_GROWTH_KIB, f"{grown_kib / 1024:.0f} MiB more"
    assert list_files(folder) == before, "reading changed a file"
    if isinstance(refused, ExpoFlowError):
        assert refused.problem.strip(), "an error without words"
        assert refused.remedy.strip(), "an error without a remedy"
    return refused is None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.timeout(0 if SECONDS else 60)
@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_whatever_a_file_holds_its_reader_answers(parser: Parser) -> None:
    for number, valid in enumerate(parser.seeds()):
        with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
            assert check(parser, valid, Path(name)) or number, "the first example is to be a good one"
    ends_s = time.monotonic() + SECONDS / len(PARSERS)
    examples = max(2, round((EXAMPLES_A_ROUND if SECONDS else EXAMPLES) * parser.share))
    for number in range(10_000):
        _run_round(parser, examples, number)
        if time.monotonic() >= ends_s:
            break


def _run_round(parser: Parser, examples: int, number: int) -> None:
    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(content=damaged(parser.seeds()))
    def read(content: bytes) -> None:
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        try:
            check(parser, content, folder)
        finally:
            shutil.rmtree(folder)

    read()


def test_a_parser_that_fails_is_found(tmp_path: Path) -> None:
    def stumble(file: Path) -> object:
        return file.read_bytes().decode("utf-8")

    def spread(file: Path) -> object:
        return file.with_name("left behind").write_bytes(b"x")

    for read, match in ((stumble, "utf-8"), (spread, "changed a file")):
        parser = Parser("broken", "file", read, lambda: (b"plain",))
        with pytest.raises((UnicodeDecodeError, AssertionError), match=match):
            _run_round(parser, 60, 0)
