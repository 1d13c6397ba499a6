"""Simulated visitors and pictures for the demonstration."""
