"""Detection of cameras that moved or went blind."""
