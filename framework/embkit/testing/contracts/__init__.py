"""What the conformance kit requires of each kind of component, one module a kind."""
