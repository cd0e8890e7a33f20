"""The demo's shop: a site of its own, to be put behind the Worker, that shows its flags at the first paint."""
