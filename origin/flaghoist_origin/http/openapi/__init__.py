"""The API's own description, put together from all operations."""
