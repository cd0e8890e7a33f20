"""Our flag sets in the data format of each peer, and the values in each peer's answers."""
