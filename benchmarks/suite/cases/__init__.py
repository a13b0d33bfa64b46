"""One module a workload; each has CASES."""
