"""`make bench`: Flaghoist's bootstrap beside what one would pick otherwise, measured in one session on one machine."""
