import secrets
from typing import Any

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; without a password they enter with a code sent by mail."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractUser):
    """A person who can log in. What they may do is said by relations (administrator of a branch, appointed, enrolled)."""

    branch_path = None

    username = None  # type: ignore[assignment]
    email = models.EmailField("adresse e-mail", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()  # type: ignore[assignment, misc]

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.get_full_name() or self.email


def new_local_key() -> bytes:
    return secrets.token_bytes(32)


class LocalKey(models.Model):
    """The AES-256 key with which a person's devices encrypt what they keep of their work. One for all their devices."""

    branch_path = None

    user = models.OneToOneField(User, models.CASCADE, related_name="local_key")
    key = models.BinaryField("clé", max_length=32, default=new_local_key)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "clé locale"
        verbose_name_plural = "clés locales"

    def __str__(self) -> str:
        return f"clé de {self.user}"
