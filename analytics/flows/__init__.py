"""Footfall, counting lines, routes and transitions between zones."""
