"""Processes, shared memory and supervision."""
