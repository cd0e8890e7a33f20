"""Cloudflare's runtime behind the protocols of `flaghoist_edge.ports.platform`: the one place that touches JavaScript.

Every access to a JavaScript object crosses a border, so each is made once, and what is long crosses as bytes.
"""
