"""Shared parts of all metrics: observed time, coverage, estimates."""
