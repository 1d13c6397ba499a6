"""The command line, one module per command; importing it loads no heavy library."""
