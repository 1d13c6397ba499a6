"""Maker of the demonstration: a fair of three days with planted facts, its history and its cameras' clips."""
