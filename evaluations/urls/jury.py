from django.urls import path

from evaluations.jury.views import candidate as jury_candidate
from evaluations.jury.views import sitting as jury

urlpatterns = [
    path("", jury.home, name="home"),
    path("engagement/<int:pk>/", jury.undertaking, name="undertaking"),
    path("<int:pk>/", jury.session, name="session"),
    path("<int:pk>/ouvrir/", jury.open_sitting, name="open"),
    path("<int:pk>/presences/", jury.attendance, name="attendance"),
    path("<int:pk>/ensemble/", jury.confirm_unanimous, name="together"),
    path("<int:pk>/candidats/<int:enrolment>/retrait/", jury_candidate.withdraw_member, name="withdraw"),
    path("<int:pk>/candidats/<int:enrolment>/", jury_candidate.candidate, name="candidate"),
    path("<int:pk>/fiches/<int:sheet>/", jury_candidate.sheet, name="sheet"),
    path("<int:pk>/candidats/<int:enrolment>/blocs/<int:row>/", jury_candidate.decide, name="decide"),
]
