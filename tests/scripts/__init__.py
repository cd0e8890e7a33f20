"""Tests of the commands and of the local edge."""
