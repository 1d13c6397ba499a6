"""Video sources, logins, probing, privacy masks and moved cameras."""
