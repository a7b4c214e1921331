"""Generates the completion scripts and the man page from the tree of commands. For development only."""
