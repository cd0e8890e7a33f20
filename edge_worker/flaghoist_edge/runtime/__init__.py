"""Cloudflare's runtime behind the protocols of `ports.platform`: the only package that touches JavaScript.

Every access to a JavaScript object crosses the language border, so each is made once, and long values cross as bytes.
"""
