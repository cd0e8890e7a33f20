"""The whole product as users meet it: edge in workerd, KV, origin, and the clients that others publish."""
