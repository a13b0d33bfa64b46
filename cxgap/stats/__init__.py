"""Statistics of arrays: one value a respondent or a cell in, one number a cell out. No frames are seen here."""
