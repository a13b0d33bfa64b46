"""The same work by cxgap and by what people use today, side by side: `python -m benchmarks.suite`."""
