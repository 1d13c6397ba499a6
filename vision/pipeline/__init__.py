"""Capture and inference processes, shared memory and supervision."""
