"""The documented calls of the CDP."""
