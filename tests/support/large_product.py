"""Prints an element of a product of tall matrices, as JSON: ``python -m tests.support.large_product``."""

from __future__ import annotations

import json
import sys

import numpy as np


def main() -> None:
    tall = np.ones((1000, 24))
    smallest = min(float((tall.T @ (tall + 1.0)).min()) for _ in range(20))
    sys.stdout.write(json.dumps(smallest))


if __name__ == "__main__":
    main()
