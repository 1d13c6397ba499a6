"""Rules that find problems and strengths of a layout, with evidence."""
