"""Analysis of recorded films and detection files: `analyse`, `replay`, `evaluate`."""
