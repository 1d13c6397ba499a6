"""Statistics of the difference between periods and layouts."""
