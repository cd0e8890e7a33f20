"""The Worker: caches each environment's compiled flags in its isolate, answers from them, falls back when one fails."""
