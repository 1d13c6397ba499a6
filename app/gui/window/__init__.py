"""Start, frame and navigation of the window, and the table of its pages."""
