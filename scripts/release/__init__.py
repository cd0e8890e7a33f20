"""Releases: builds every distribution, checks them as their users get them, and keeps one version everywhere."""
