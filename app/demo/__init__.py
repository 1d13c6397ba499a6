"""The demonstration venue."""
