"""Run the command without installing it: ``python -m scripts.cli``."""

from scripts.cli import main

main()
