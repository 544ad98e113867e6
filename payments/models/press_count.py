from django.db import models


class PressCount(models.Model):
    """How often one address pressed Buy in one minute. Gone with the next minute."""

    address = models.CharField(max_length=64)  # a hash of it
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "minute"], name="press_count_once_a_minute")
        ]

    def __str__(self) -> str:
        return f"{self.count} in minute {self.minute}"
