"""One run: planned, loaded, computed, recorded, written, and repeated."""
