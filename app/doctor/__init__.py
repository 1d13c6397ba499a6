"""Health checks of the machine and the venue, and the support bundle."""
