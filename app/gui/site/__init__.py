"""The site of several machines, in the settings."""
