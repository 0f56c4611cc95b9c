"""A signature drawn with a finger, as the path of an SVG."""

from django import template

register = template.Library()


@register.filter
def signature_path(strokes: object) -> str:
    """`[[[x, y], …], …]` as the `d` of a path in a frame 1000 × 400; "" unless it is whole numbers in that frame.

    A stroke of one point is a dot: the line's round end draws it.
    """
    if not isinstance(strokes, list) or not all(map(_is_stroke, strokes)):
        return ""
    return " ".join(f"M{_points(stroke if len(stroke) > 1 else stroke * 2)}" for stroke in strokes)


def _points(stroke: list[list[int]]) -> str:
    return "L".join(f"{x} {y}" for x, y in stroke)


def _is_stroke(stroke: object) -> bool:
    return isinstance(stroke, list) and bool(stroke) and all(map(_is_point, stroke))


def _is_point(point: object) -> bool:
    return (
        isinstance(point, list)
        and len(point) == 2
        and all(type(number) is int for number in point)
        and 0 <= point[0] <= 1000
        and 0 <= point[1] <= 400
    )
