"""The mathematics of the bundled components, on arrays and values."""
