"""Tracking of detected people on the floor, in metres."""
