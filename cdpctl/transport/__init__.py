"""Sends calls to a CDP. The only package that uses requests."""
