"""Makes the completion scripts and the man page from the tree of commands; needed for development only."""
