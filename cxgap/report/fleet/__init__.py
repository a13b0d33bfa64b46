"""A list of jobs run by several workers at once: what is unchanged is left, what fails harms no other, nothing stays behind."""
