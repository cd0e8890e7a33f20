"""All flags for one context at once, as bytes: what can be worked out before is, and ready fragments are joined.

`views` names the formats, `conditions` decides all rules together, `lanes` picks fragments flag by flag, `plan` puts
the flags of a snapshot in order, and a `sheet` is a plan in one format.
"""
