"""Permissions widened, the agent's own among them."""
