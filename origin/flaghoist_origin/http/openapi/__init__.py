"""The OpenAPI document, assembled from all operations."""
