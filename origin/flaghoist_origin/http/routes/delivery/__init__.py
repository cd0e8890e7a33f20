"""Routes that clients, edges and SDKs call."""
