"""The verbs of `cdpctl peer`."""
