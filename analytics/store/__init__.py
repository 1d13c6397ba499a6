"""Storage of events (SQL) and track points (Parquet); backup, repair, retention."""
