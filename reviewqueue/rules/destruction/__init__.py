"""More destroyed than was asked."""
