"""The control address under /_sandbox/: what happened, and how to make things happen."""
