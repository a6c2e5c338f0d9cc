"""What decides over changes, changed by a change."""
