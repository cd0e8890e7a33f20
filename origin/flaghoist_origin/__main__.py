"""``python -m origin`` serves the origin."""

from flaghoist_origin.server import main

if __name__ == "__main__":
    main()
