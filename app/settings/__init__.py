"""Settings and folders of this machine."""
