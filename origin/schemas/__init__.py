"""JSON Schemas of what people write by hand: made from the model and its limits, for editors and checkers."""
