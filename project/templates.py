"""Load the shop's pages without the indentation of their lines: they are a tenth smaller.

Not those of a theme or an extension, and not the mails: indentation has a meaning in Markdown.
"""

import re
from pathlib import Path

from django.conf import settings
from django.template import Origin
from django.template.loaders.filesystem import Loader

LOADERS = [
    (
        "django.template.loaders.cached.Loader",
        ["project.templates.WithoutIndentation", "django.template.loaders.app_directories.Loader"],
    )
]


class WithoutIndentation(Loader):
    def get_contents(self, origin: Origin) -> str:
        text = super().get_contents(origin)
        path = Path(origin.name)
        if path.suffix != ".html" or not path.is_relative_to(settings.BASE_DIR / "templates"):
            return text
        return re.sub(r"\n[ \t]+", "\n", text)
