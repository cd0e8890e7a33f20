"""The tests of Flaghoist; folders mirror the code that they prove."""
