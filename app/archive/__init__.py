"""A whole venue packed into one file, and unpacked."""
