"""The figures of the page Now: the last quarter of an hour, today so far, and the alarm journal."""
