"""What a grid is made of."""
