"""How changed text hangs together: hunks, pairs, blocks, comments, calls, in any language."""
