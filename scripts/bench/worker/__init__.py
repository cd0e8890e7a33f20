"""Workers that are mounted beside the product's bundle, to measure what the platform itself costs."""
