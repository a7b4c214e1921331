"""Sends calls to a CDP with requests and urllib3."""
