"""Everything that is printed. The only package that uses rich."""
