"""Comparison of two periods, layouts or halls."""
