"""The contracts of the conformance kit, one module a kind."""
