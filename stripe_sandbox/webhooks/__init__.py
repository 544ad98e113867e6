"""Events and their delivery to the shop."""
