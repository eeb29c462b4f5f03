"""Examples for the conformance kit, of components that need files or arrays; one module a family."""
