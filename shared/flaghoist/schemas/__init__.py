"""The JSON Schema of a flag file, for editors."""
