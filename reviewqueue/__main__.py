"""``python -m reviewqueue``."""

from reviewqueue.commands import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
