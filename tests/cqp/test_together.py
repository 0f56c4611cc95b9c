"""Several lists from one query are the lists that each queryset gives by itself."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, OuterRef

from candidates.models import Appointment, Candidate, Enrolment, EnrolmentBloc, Session
from cqp.models import User
from cqp.together import read_together
from referentiel.models import Criterion
from tests.evaluations.jury_scene import decided, first_bloc, make_scene, sitting

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(referentiel):
    scene = sitting(make_scene(referentiel, candidates=2, blocs=[1, 2], divergence=True))
    decided(scene, first_bloc(scene), "acquired", "Le jury a entendu les deux évaluateurs.")
    return scene


def values(instance):
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


def test_every_table_is_read_as_it_is(scene, django_assert_num_queries):
    kinds = [
        kind
        for kind in apps.get_models()
        if kind._meta.managed and not any(isinstance(f, models.BinaryField) for f in kind._meta.concrete_fields)
    ]
    alone = [list(kind._default_manager.order_by("pk")) for kind in kinds]
    with django_assert_num_queries(1):
        read = read_together(*(kind._default_manager.order_by("pk") for kind in kinds))
    for kind, one, other in zip(kinds, alone, read, strict=True):
        assert [values(row) for row in one] == [values(row) for row in other], kind
    filled = {kind._meta.label for kind, rows in zip(kinds, alone, strict=True) if rows}
    # Dates, moments, JSON, texts, keys, numbers, and a good many rows.
    assert {"candidates.Candidate", "evaluations.Decision", "cqp.JournalEntry", "evaluations.Score"} <= filled


def test_what_is_joined_and_counted_comes_along(scene, django_assert_num_queries):
    seats = Appointment.objects.filter(session=scene.session).select_related("user", "session__referentiel__branch")
    counted = (
        Enrolment.objects.annotate(
            counted=Count("enrolment_blocs"),
            is_first=Exists(Session.objects.filter(pk=OuterRef("session"))),
            day=F("session__jury_on"),
        )
        .select_related("candidate")
        .order_by("-pk")
    )
    pairs = EnrolmentBloc.objects.order_by("pk").values_list("pk", "bloc__number")
    names = Candidate.objects.order_by("pk").values_list("birth_name", flat=True)
    dicts = Criterion.objects.order_by("pk").values("pk", "text")[:3]
    alone = [list(one) for one in (seats, counted, pairs, names, dicts)]
    with django_assert_num_queries(1):
        read = read_together(seats, counted, pairs, names, dicts)
        assert [str(one.user) for one in read[0]] == [str(one.user) for one in alone[0]]
        assert {one.session.referentiel.branch.name for one in read[0]} == {scene.session.branch.name}
        assert [(one.pk, one.counted, one.is_first, one.day, str(one.candidate)) for one in read[1]] == [
            (one.pk, one.counted, one.is_first, one.day, str(one.candidate)) for one in alone[1]
        ]
    assert isinstance(read[1][0].day, dt.date)
    assert read[1][0].is_first is True
    assert read[2:] == alone[2:]


def test_an_empty_list_stays_in_its_place(scene, django_assert_num_queries):
    nobody = User.objects.filter(pk__in=[])
    with django_assert_num_queries(1):
        assert read_together(nobody, Session.objects.all(), User.objects.filter(email="x"), nobody.none()) == [
            [],
            [scene.session],
            [],
            [],
        ]
    with django_assert_num_queries(0):
        assert read_together(nobody) == [[]]


def test_texts_that_look_like_json_stay_texts(scene):
    enrolment = scene.enrolments[0]
    for words in ('{"a": 1}', "[1, 2]", "null", 'L\'"été" \\ n\n😀', "100 %s"):
        Candidate.objects.filter(pk=enrolment.candidate_id).update(first_names=words[:100])
        [[found]] = read_together(Candidate.objects.filter(first_names=words))
        assert found.first_names == words
