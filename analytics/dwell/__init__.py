"""Visits (when they begin and end), stops, dwell time and occupancy."""
