from django.urls import path

from cqp.demo import views as demo

app_name = "demo"
urlpatterns = [
    path("", demo.accounts, name="accounts"),
    path("entrer/", demo.enter, name="enter"),
    path("courriels/", demo.mails, name="mails"),
]
