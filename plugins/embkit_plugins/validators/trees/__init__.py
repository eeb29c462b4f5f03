"""Validators of trees of merges."""
