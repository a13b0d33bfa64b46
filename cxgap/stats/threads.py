"""One thread for linear algebra while many small matrices are worked on: two that wait for each other are far slower."""

from __future__ import annotations

from typing import Final

from threadpoolctl import threadpool_limits

# Decorates a function: it runs with one thread of linear algebra, and gives the others back when it ends.
one_thread: Final = threadpool_limits.wrap(limits=1, user_api="blas")
