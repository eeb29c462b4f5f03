"""``python -m embkit``."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # Python puts the working folder first, where any json.py or numpy.py would be imported.
    del sys.path[0]

from embkit.cli import main

if __name__ == "__main__":
    main()
