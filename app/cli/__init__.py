"""The program: all commands, sign-in and translated help."""
