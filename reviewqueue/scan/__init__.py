"""A diff in, findings and risk out; the catalogue of rules is passed in.

The modules here read a diff, match it and weigh what was found. ``structure`` tells rules how
text hangs together, and ``effects`` what a change does to one thing that several rules, or one
of many words, ask for.
"""
