"""The référentiel and its branch tell of no candidate."""

from django.apps import apps

from cqp.personal_data import declare_whole

declare_whole(
    "Tells of no candidate.", *(model._meta.label for model in apps.get_app_config("referentiel").get_models())
)
