"""The command line's entry: the table of all commands, which are in each subject's `cli.py`; help, sign-in."""
