"""What commands write: to the terminal, as progress, and in the browser."""
