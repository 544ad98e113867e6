#!/usr/bin/env python3
"""Django's command line for this shop."""

import os
import sys

import django
from django.core.management import execute_from_command_line

from project.version import version

if __name__ == "__main__":
    if sys.argv[1:] in (["version"], ["--version"]):  # an app can't override this command
        sys.stdout.write(f"Minicart {version()} (Django {django.get_version()})\n")
        sys.exit()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    execute_from_command_line(sys.argv)
