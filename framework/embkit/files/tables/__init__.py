"""Row-aligned tables: their columns, what each is for, and how they join a dataset."""
