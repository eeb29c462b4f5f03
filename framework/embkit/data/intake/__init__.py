"""From what a source gives to rows that every component can use."""
