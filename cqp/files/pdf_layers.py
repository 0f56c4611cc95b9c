"""The layers of a PDF (optional content): which of them are not shown when it is opened."""

from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf

# Of a layer's membership, whether it is hidden: by how many of its groups are.
POLICIES = {
    "/AllOn": lambda off, every: off > 0,
    "/AnyOff": lambda off, every: off == 0,
    "/AllOff": lambda off, every: off < every,
    "/AnyOn": lambda off, every: off == every,
}


def groups_of(pdf: Pdf) -> list[Any]:
    """Return the layers that the document declares."""
    properties = pdf.Root.get("/OCProperties")
    groups = properties.get("/OCGs") if isinstance(properties, Dictionary) else None
    return [group for group in groups if isinstance(group, Dictionary)] if isinstance(groups, Array) else []


def hidden_groups(pdf: Pdf) -> set[tuple[int, int]]:
    """Return the numbers of the objects of the layers that are off when the document is opened (ISO 32000-1, 8.11.4)."""
    shown = pdf.Root.get("/OCProperties")
    by_default = shown.get("/D") if isinstance(shown, Dictionary) else None
    if not isinstance(by_default, Dictionary):
        return set()
    hidden = {group.objgen for group in groups_of(pdf)} if by_default.get("/BaseState") == Name.OFF else set()
    hidden -= _numbers(by_default.get("/ON"))
    return hidden | _numbers(by_default.get("/OFF"))


def _numbers(groups: Any) -> set[tuple[int, int]]:
    return {group.objgen for group in groups if isinstance(group, Dictionary)} if isinstance(groups, Array) else set()


def is_hidden(holder: Any, hidden: set[tuple[int, int]]) -> bool:
    """Tell whether what belongs to a layer, or to several by a rule, is not shown."""
    layer = holder.get("/OC")
    if not hidden or not isinstance(layer, Dictionary):
        return False
    groups = layer.get("/OCGs")
    if groups is None:
        return layer.objgen in hidden
    numbers = [groups.objgen] if isinstance(groups, Dictionary) else list(_numbers(groups))
    policy = POLICIES.get(str(layer.get("/P", "/AnyOn")), POLICIES["/AnyOn"])
    return bool(numbers) and policy(sum(number in hidden for number in numbers), len(numbers))


def carry(source: Pdf, target: Pdf) -> None:
    """Have the layers of a document, whose pages the other one takes, shown or hidden there as they were."""
    hidden = hidden_groups(source)
    if not hidden:
        return
    if "/OCProperties" not in target.Root:
        target.Root.OCProperties = Dictionary(OCGs=Array(), D=Dictionary(OFF=Array(), Order=Array()))
    properties = target.Root.OCProperties
    for group in groups_of(source):
        if group.is_indirect:
            copied = target.copy_foreign(group)
            properties.OCGs.append(copied)
            if group.objgen in hidden:
                properties.D.OFF.append(copied)
