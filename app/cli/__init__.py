"""Entry of the command line: the table of all commands (each subject's `cli.py`), help, sign-in."""
