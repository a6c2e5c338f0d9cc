"""Something that stays or runs where nobody put it."""
