"""The npm package ``flaghoist``: its unit tests, its types, and what is in its tarball."""
