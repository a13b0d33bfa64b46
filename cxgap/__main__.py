"""`python -m cxgap` is `cxgap`."""

from cxgap.cli import main

main()
