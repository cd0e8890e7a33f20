"""Workers that are mounted beside the product's bundle, to measure the cost of the platform itself."""
