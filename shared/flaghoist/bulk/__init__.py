"""All flags for one context at once, as bytes: everything possible is computed in advance, then fragments are joined.

`layout` sorts the flags of a shard into sections and gives each its place in the answer, `conditions` decides all rules
of a group of slices together, `lanes` and `ruled` pick fragments flag by flag, `plan` combines the slices of a
snapshot, and a `Sheet` is a plan in one format.
"""
