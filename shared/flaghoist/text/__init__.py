"""Strict readers of text: JSON, versions, instants, addresses, patterns and Base64url."""
