"""The mathematics, by subject: it knows arrays and values, and nothing of the host."""
