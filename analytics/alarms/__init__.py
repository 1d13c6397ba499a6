"""Alarm rules, their states and the alarm log."""
