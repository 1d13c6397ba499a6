"""The venue document and its files, lock, jobs, credentials and check results."""
