"""Output and language of the command line."""
