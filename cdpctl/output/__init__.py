"""Everything that is printed; the only user of rich."""
