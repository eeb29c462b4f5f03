"""Records of runs: made, written, read back, and repeated."""
