"""Text that is read strictly: JSON, versions, instants, addresses, patterns and Base64url."""
