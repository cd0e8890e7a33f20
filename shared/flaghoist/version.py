"""The version of every Flaghoist package: the one place where it is written; the build reads it here."""

__version__ = "0.1.0"
VERSION = __version__
