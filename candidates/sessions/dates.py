"""Dates in French words, in a session's zone.

"il vous reste 6 jours, jusqu'au jeudi 12 novembre à 18 h, heure de Paris"
"""

import datetime as dt
from calendar import monthrange
from zoneinfo import ZoneInfo

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
# Names with an article, as people say them. Elsewhere the city of the zone's name is enough.
ZONE_NAMES = {
    "America/Cayenne": "heure de la Guyane",
    "America/Guadeloupe": "heure de la Guadeloupe",
    "America/Marigot": "heure de Saint-Martin",
    "America/Martinique": "heure de la Martinique",
    "America/Miquelon": "heure de Saint-Pierre-et-Miquelon",
    "America/St_Barthelemy": "heure de Saint-Barthélemy",
    "Indian/Mayotte": "heure de Mayotte",
    "Indian/Reunion": "heure de La Réunion",
    "Pacific/Noumea": "heure de Nouméa",
    "Pacific/Tahiti": "heure de Tahiti",
}


def zone_text(zone: ZoneInfo) -> str:
    """`heure de Paris`."""
    return ZONE_NAMES.get(zone.key) or f"heure de {zone.key.rsplit('/', 1)[-1].replace('_', ' ')}"


def hour_text(at: dt.time) -> str:
    """`18 h`, `9 h 05`, `minuit`."""
    if (at.hour, at.minute) == (0, 0):
        return "minuit"
    return f"{at.hour} h" + (f" {at.minute:02d}" if at.minute else "")


def day_text(day: dt.date, today: dt.date) -> str:
    """`jeudi 12 novembre`, with the year when it is not the current one."""
    number = "1er" if day.day == 1 else day.day
    year = "" if day.year == today.year else f" {day.year}"
    return f"{DAYS[day.weekday()]} {number} {MONTHS[day.month - 1]}{year}"


def moment_text(at: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> str:
    """`jeudi 12 novembre à 18 h`. Midnight belongs to the day that it ends: nobody is then a day early."""
    local = at.astimezone(zone)
    day = local.date() - dt.timedelta(days=1) if hour_text(local.time()) == "minuit" else local.date()
    return f"{day_text(day, now.astimezone(zone).date())} à {hour_text(local.time())}"


def exact_text(at: dt.datetime, zone: ZoneInfo) -> str:
    """`jeudi 12 novembre 2026 à 17 h 59 min 58 s`, for a receipt: it cannot be read two ways."""
    local = at.astimezone(zone)
    number = "1er" if local.day == 1 else local.day
    day = f"{DAYS[local.weekday()]} {number} {MONTHS[local.month - 1]} {local.year}"
    return f"{day} à {local.hour} h {local.minute:02d} min {local.second:02d} s"


def left_text(deadline: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> str:
    """`6 jours`, `5 heures`, `12 minutes`: what is left for certain, rounded down. `deadline` is after `now`.

    Days are the zone's: from 18 h to 18 h is a day, though it lasts 23 or 25 hours when the time changes.
    """
    wall = deadline.astimezone(zone).replace(tzinfo=None) - now.astimezone(zone).replace(tzinfo=None)
    # Aware times of one zone subtract by the clock on the wall; in UTC by what really passes.
    real = deadline.astimezone(dt.UTC) - now.astimezone(dt.UTC)
    minutes = int(real.total_seconds() // 60)
    for count, unit in ((wall.days, "jour"), (minutes // 60, "heure"), (minutes, "minute")):
        if count > 0:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "moins d'une minute"


def deadline_text(deadline: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> str:
    """The deadline in words: what is left, until when, on whose clock; or that it is past."""
    if deadline <= now:
        return f"la date limite est passée : c'était le {moment_text(deadline, now, zone)}, {zone_text(zone)}"
    left = left_text(deadline, now, zone)
    remain = "il vous reste" if left[0].isdigit() else "il reste"
    when = moment_text(deadline, now, zone)
    if deadline.astimezone(zone).date() == now.astimezone(zone).date():
        until = f"jusqu'à aujourd'hui {hour_text(deadline.astimezone(zone).time())}"
    else:
        until = f"jusqu'au {when}"
    return f"{remain} {left}, {until}, {zone_text(zone)}"


def months_text(months: int) -> str:
    """`10 ans`, `18 mois`; nothing for 0."""
    if not months:
        return ""
    if months % 12:
        return f"{months} mois"
    return f"{months // 12} an{'s' if months > 12 else ''}"


def months_later(day: dt.date, months: int | None) -> dt.date | None:
    """Return the same day `months` later, the last of the month where it has no such day; None for life."""
    if months is None:
        return None
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
