"""The command line, one module for each command. Importing it loads nothing heavy."""
