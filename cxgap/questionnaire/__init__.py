"""Questionnaires for the next wave: what to ask customers, managers and staff, so that every gap can be scored."""
