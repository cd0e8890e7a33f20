"""Code for the flags of an environment: typed accessors in the languages that applications are written in."""
