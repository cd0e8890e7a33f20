"""``python -m flaghoist_origin`` runs the origin, as the command ``flaghoist-origin`` does."""

from flaghoist_origin.server import main

if __name__ == "__main__":
    main()
