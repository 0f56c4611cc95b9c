from django.urls import path

from candidates.dossiers.views import files

app_name = "files"
urlpatterns = [
    path("<uuid:key>/", files.original, name="original"),
    path("<uuid:key>/pages/<int:number>.webp", files.page, name="page"),
]
