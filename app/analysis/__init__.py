"""Analysis of recordings and detection files: `analyse`, `replay`, `evaluate`."""
