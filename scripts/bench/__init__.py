"""`make bench`: measure Flaghoist's bootstrap beside alternatives, in one session on one machine."""
