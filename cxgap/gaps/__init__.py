"""The gaps, one method a file: frames in, GapTable out."""
