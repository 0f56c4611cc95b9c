from django.urls import path

from referentiel.drafts import views_reading as reading

app_name = "referentiel"
urlpatterns = [
    path("", reading.referentiel_list, name="list"),
    path("<int:pk>/", reading.referentiel_detail, name="detail"),
]
