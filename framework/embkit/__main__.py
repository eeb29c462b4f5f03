"""``python -m embkit``."""

from embkit.cli import main

if __name__ == "__main__":
    main()
