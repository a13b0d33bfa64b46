"""One thread for linear algebra while many small matrices are worked on: two that wait for each other are far slower."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Let `function` run with one thread of linear algebra, and give the others back when it ends."""

    @wraps(function)
    def pinned(*args: P.args, **named: P.kwargs) -> R:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(limits=1, user_api="blas"):
            return function(*args, **named)

    return pinned
