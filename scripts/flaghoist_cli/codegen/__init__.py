"""Generate typed accessors for the flags of an environment, in the languages of applications."""
