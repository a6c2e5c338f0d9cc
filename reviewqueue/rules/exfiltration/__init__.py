"""Code, data, weights or secrets sent out."""
