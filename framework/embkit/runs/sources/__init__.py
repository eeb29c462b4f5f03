"""The sources of a run: fetched from afar, read and admitted."""
