"""All flags for one context at once, as bytes: everything possible is computed in advance, then fragments are joined.

`views` names the formats, `slices` sorts the flags of a shard, `conditions` decides all rules of a group of slices
together, `lanes` picks fragments flag by flag, `plan` combines the slices of a snapshot, and a `sheet` is a plan in one
format.
"""
