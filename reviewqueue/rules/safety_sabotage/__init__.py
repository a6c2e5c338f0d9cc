"""Targeted sabotage of safety work: tests, guards, evaluations and monitors weakened."""
