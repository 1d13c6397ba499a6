"""Several machines and halls on one PostgreSQL server: joining, settings, data, and who reads what."""
