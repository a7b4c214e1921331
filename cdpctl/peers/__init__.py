"""Peers: their names, states, settings and selection."""
