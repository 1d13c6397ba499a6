"""The window: start and frame, session, shared widgets, and one room for each subject."""
