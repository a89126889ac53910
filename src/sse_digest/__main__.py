"""`python -m sse_digest` is `sse-digest`."""

from sse_digest.cli import main

if __name__ == "__main__":
    main()
