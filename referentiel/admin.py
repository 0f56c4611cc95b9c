"""Django's admin: a draft can be corrected there, a sealed référentiel can only be read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from referentiel.models import Branch, GuideQuestion, HeadingCompetence, Referentiel

admin.site.register(Branch)
admin.site.register(GuideQuestion)
admin.site.register(HeadingCompetence)


@admin.register(Referentiel)
class ReferentielAdmin(admin.ModelAdmin):
    list_display = ("title", "version", "branch", "is_sealed")
    list_select_related = ("branch", "seal")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_sealed)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_sealed)
