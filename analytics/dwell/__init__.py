"""Visits, stops, dwell time and occupancy."""
