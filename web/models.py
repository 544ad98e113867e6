from django.db import models


class RequestCount(models.Model):
    """How many limited requests one address made in one minute. Deleted with later minutes."""

    action = models.CharField(max_length=20)
    address = models.CharField(max_length=64)  # a hash
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["action", "address", "minute"], name="request_count_once_a_minute"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.action} in minute {self.minute}"
