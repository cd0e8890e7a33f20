"""``python -m origin`` serves the origin."""

from origin.server import main

if __name__ == "__main__":
    main()
