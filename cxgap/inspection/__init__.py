"""What a file of answers is, as it comes: its columns, what they hold, and how the study file would declare it."""
