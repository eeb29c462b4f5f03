"""Parts shared by all pictures: the sheet, the colours, and text that can be drawn."""
