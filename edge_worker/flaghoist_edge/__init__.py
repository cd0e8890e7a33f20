"""The Worker: holds an environment's compiled flags in its isolate, answers from them, and falls back step by step."""
