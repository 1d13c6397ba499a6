"""A child task that does what its request says: ``python -m tests.support.scripted_child``."""

from __future__ import annotations

import os
import sys
import time

from analytics.domain.errors import ModelError
from vision.detection.child_task import ChildReporter


def main() -> None:
    reporter = ChildReporter()
    reporter.run(lambda: act(reporter))


def act(reporter: ChildReporter) -> dict[str, object]:
    request = reporter.request
    reporter.report("working", 1, 2)
    sys.stdout.write("a package prints this to standard output\n")
    sys.stdout.flush()
    if request["act"] == "fail":
        raise ModelError("The {thing} is broken.", "Fix the {thing}.", thing="lamp")
    if request["act"] == "crash":
        sys.stderr.write("Segmentation fault of a library\n")
        os._exit(3)
    if request["act"] == "hang":
        time.sleep(120)
    return {"process": os.getpid(), "echo": request["text"]}


if __name__ == "__main__":
    main()
