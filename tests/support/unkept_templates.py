"""The shop's templates as if they had no {% kept %}."""

import re
from copy import deepcopy
from typing import Any

from django.conf import settings
from django.template import Origin
from django.template.utils import get_app_template_dirs

from project.templates import WithoutIndentation


class WithoutKept(WithoutIndentation):
    def get_contents(self, origin: Origin) -> str:
        return re.sub(r"{% (end)?kept[^%]*%}", "", super().get_contents(origin))


def unkept_templates() -> list[Any]:
    """A value of the setting TEMPLATES."""
    backend: dict[str, Any] = deepcopy(settings.TEMPLATES[0])
    folders = [*backend["DIRS"], *get_app_template_dirs("templates")]
    backend["OPTIONS"]["loaders"] = [(f"{__name__}.WithoutKept", folders)]
    return [backend]
