"""The demo: an online shop whose flags show every feature once, and shoppers to evaluate them for."""
