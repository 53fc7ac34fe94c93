"""The `rasa` command as we run it: `python -m dialogs.engine.start run …` from the repository root."""

# skops first: imported later, from inside Rasa, it costs five more seconds at every start.
import skops.io  # noqa: F401, I001

import os
import threading

from rasa.__main__ import main

# Set by the process that starts us and holds the other end of our standard input.
TIED_TO_PARENT = "PORCHLIGHT_RASA_TIED_TO_PARENT"


def _leave_with_parent() -> None:
    """Wait for the end of standard input: it comes when the parent is gone, however it went."""
    # Not sys.stdin: a reader waiting in it makes Python's own ending crash.
    while os.read(0, 1024):
        continue
    os._exit(0)


if __name__ == "__main__":
    if os.environ.get(TIED_TO_PARENT):
        threading.Thread(target=_leave_with_parent, daemon=True).start()
    main()
