"""What this installation of the command has: packages that are optional, and the checkout that it runs from."""
