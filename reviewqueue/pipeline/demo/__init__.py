"""The demo: a story told to git, and replayed through the pipeline's own functions."""
