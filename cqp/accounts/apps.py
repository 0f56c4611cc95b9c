"""Django's admin with our site in it. Apart: INSTALLED_APPS reads this before there are models."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    default_site = "cqp.accounts.administration.Administration"
