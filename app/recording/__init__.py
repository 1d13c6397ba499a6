"""Recording of a venue by the window, a command or a service, and its status."""
