"""Dwell times, visits, engagement."""
