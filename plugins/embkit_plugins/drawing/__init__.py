"""What every picture of embkit shares: the sheet, the colours, and text that can be drawn."""
