"""Small things about processes that Python leaves to the operating system.

Linux only; elsewhere these do nothing, and children are stopped by their parent's own clean-up.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded here and not in the child, which after a fork may not wait for the locks of threads that it does not
# have.
_libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None


def follow_parent(sig: signal.Signals, parent: int | None = None) -> None:
    """Have the kernel send `sig` to this process when the thread that started it ends, however it ends.

    :param parent: the process id the parent had at the fork; it may have ended since, and then this process
    ends too.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def die_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """`follow_parent` for a child of this process to call after the fork (a `preexec_fn`)."""
    parent = os.getpid()
    return lambda: follow_parent(sig, parent)
