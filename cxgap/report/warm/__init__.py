"""A parent that has imported what kernels need, and forks one in milliseconds: for a fleet, and for any Jupyter client."""
