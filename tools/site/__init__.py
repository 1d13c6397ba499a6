"""Tools of developers for a site: a PostgreSQL server of one's own, faults and the demonstration."""
