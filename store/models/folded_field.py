from collections.abc import Callable, Iterable
from typing import Any

from django.db import models


class FoldedField(models.TextField):
    """Other texts of its row, as the search compares them. Written when they are saved."""

    def __init__(
        self, fold: Callable[[str], str] = str, sources: Iterable[str] = (), **options: Any
    ) -> None:
        self.fold, self.sources = fold, sources
        super().__init__(**{"default": "", "editable": False, **options})

    def deconstruct(self) -> Any:
        """Migrations need no more than a TextField."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.TextField", args, options

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        texts = [getattr(model_instance, source) for source in self.sources]
        folded = self.fold(" ".join(texts))
        setattr(model_instance, self.attname, folded)
        return folded
