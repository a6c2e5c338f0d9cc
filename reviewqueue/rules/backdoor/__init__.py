"""Backdoors: code that lets somebody in, or runs what nobody reviewed."""
