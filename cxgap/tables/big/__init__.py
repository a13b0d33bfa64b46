"""A survey that is larger than memory: it stays on disk, and the engine answers for it."""
