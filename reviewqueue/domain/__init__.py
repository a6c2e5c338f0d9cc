"""The nouns: frozen dataclasses and enums that every room speaks in."""
