"""The last quarter of an hour, today so far, and the alarm journal."""
