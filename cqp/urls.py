from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("compte/", include("allauth.account.urls")),
    path("administration/", admin.site.urls),
]
