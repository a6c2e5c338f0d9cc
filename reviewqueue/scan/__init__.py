"""A diff in, findings and risk out; the catalogue of rules is passed in."""
