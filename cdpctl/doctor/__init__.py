"""The checks of `cdpctl doctor`."""
