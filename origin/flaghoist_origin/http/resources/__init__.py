"""Shared parts of all routes: bodies, pages, preconditions, problems, access control."""
