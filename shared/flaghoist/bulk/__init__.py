"""All flags for one context at once, as bytes: what can be worked out before is, and ready fragments are joined.

`views` names the formats, `slices` sorts the flags of a shard, `conditions` decides all rules of a group of slices
together, `lanes` picks fragments flag by flag, `plan` puts the slices of a snapshot together, and a `sheet` is a plan
in one format.
"""
