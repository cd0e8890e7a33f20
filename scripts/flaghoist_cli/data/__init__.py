"""The local data folder: keys, settings and databases of this machine."""
