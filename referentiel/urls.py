from django.urls import path

from . import views

app_name = "referentiel"
urlpatterns = [
    path("", views.referentiel_list, name="list"),
    path("<int:pk>/", views.referentiel_detail, name="detail"),
]
