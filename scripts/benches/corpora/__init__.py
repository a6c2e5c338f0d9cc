"""What ``scripts/bench corpus`` is made of: reading, measuring, counting, telling."""
