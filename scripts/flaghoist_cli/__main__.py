"""Run the command without installing it: ``python -m flaghoist_cli``."""

from flaghoist_cli import main

main()
