"""The commands of `flaghoist`, one file each."""
