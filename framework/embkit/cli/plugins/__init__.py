"""The sub-commands of ``embkit plugins``."""
