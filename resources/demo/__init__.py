"""The demonstration as it is shipped, written by ``tools.demo.make``."""

from pathlib import Path

DEMO_FOLDER = Path(__file__).parent / "demo.expoflow"
