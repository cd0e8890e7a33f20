"""A Worker for the tests of the local edge; mounted into it, never deployed."""
