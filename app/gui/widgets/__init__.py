"""Widgets of any page."""
