"""Neglect of safety work: what claims to check, and does not."""
