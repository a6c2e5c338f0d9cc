"""Traces removed, content hidden, the change misdescribed."""
