"""The outside: git repositories and forges, and the sub-processes that speak to them."""
