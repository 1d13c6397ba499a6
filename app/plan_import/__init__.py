"""Import of floor plans from images, PDF and DXF, in a child process."""
