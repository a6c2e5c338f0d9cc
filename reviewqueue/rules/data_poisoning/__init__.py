"""Training, labelling and evaluation data made wrong."""
