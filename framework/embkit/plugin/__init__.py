"""Plugins: kinds, specs, hooks, the registry, and the making of components."""
