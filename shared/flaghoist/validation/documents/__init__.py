"""The rules that one document keeps by itself: a flag, a segment or a group."""
