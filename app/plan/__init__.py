"""The floor plan: zones, lines and obstacles; edits, checks, versions, files."""
