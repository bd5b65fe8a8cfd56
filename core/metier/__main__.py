"""`python -m metier` is the command `metier`."""

from metier.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
