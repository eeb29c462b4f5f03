"""What a plugin is: kinds, specs, hooks, the registry, and how a component is made."""
