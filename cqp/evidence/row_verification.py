"""Rows and chains compared both ways: each evident row has its last entry and equals it; each last entry has its row."""

import hmac
from collections.abc import Iterator

from cqp.evidence import chain, keys
from cqp.evidence.binding import hash_of
from cqp.evidence.hooks import Evident, NotedHeads, Report, evident
from cqp.evidence.rows import mac_of, read_rows
from cqp.models import RowChain, RowEntry, RowMark

PREFIX = "rows:"


def list_row_heads() -> Iterator[RowChain]:
    yield from RowChain.objects.filter(seq__gt=0).iterator()


def check_rows(noted: NotedHeads) -> Report:
    report = Report("Lignes")
    for table, row in RowMark.objects.order_by("table", "row").values_list("table", "row").distinct():
        report.faults.append(f"{table} {row} : cette ligne a été écrite par autre chose que l'application")
    for bound in evident:
        report.faults += list_row_faults(bound, noted, report).values()
    report.faults += noted.missing(lambda name: name.startswith(PREFIX))
    return report


def list_row_faults(bound: Evident, noted: NotedHeads | None = None, report: Report | None = None) -> dict[str, str]:
    """Return what does not hold of a table's rows and of their chain, by the row's key; the chain's own under ""."""
    head = RowChain.objects.filter(name=bound.table).first()
    last, broken = _read_chain(head, noted) if head else ({}, ["la chaîne a disparu"])
    faults = {"": f"{bound.table} : {', '.join(broken)}"} if broken else {}
    known = keys.list_keys()
    label = str(bound.model_class._meta.verbose_name)
    for row, values in read_rows(bound):
        if report:
            report.examined += 1
        mac = last.pop(row, "")
        key = mac[:8]
        if not mac:
            faults[row] = f"{label} {row} : l'application ne l'a pas écrite, ou l'avait effacée ({bound.table})"
        elif key not in known:
            faults[row] = f"{label} {row} : liée avec une clé que ce site n'a pas ({bound.table})"
        elif not hmac.compare_digest(mac, mac_of(bound.table, row, values, key)):
            faults[row] = f"{label} {row} : ce n'est plus ce que l'application avait écrit ({bound.table})"
    for row, mac in last.items():
        if mac:
            faults[row] = f"{label} {row} : elle a disparu ({bound.table})"
    return faults


def _read_chain(head: RowChain, noted: NotedHeads | None) -> tuple[dict[str, str], list[str]]:
    """Return the last digest of each row of a table, and what does not hold in its chain."""
    last: dict[str, str] = {}
    broken: list[str] = []
    prev, count = chain.GENESIS, 0
    for entry in RowEntry.objects.filter(chain=head).order_by("seq").iterator(chunk_size=2_000):
        count += 1
        if entry.seq != count or entry.prev != prev or hash_of(entry) != entry.hash:
            broken.append(
                f"entrée {entry.seq} de la chaîne : elle ne suit pas la précédente, ou son contenu a été changé"
            )
            break
        if noted and (fault := noted.meet(f"{PREFIX}{head.name}", entry.seq, entry.hash)):
            broken.append(fault)
        prev, last[entry.row] = entry.hash, entry.mac
    if not broken and (count, prev) != (head.seq, head.head):
        broken.append(f"la chaîne finit à l'entrée {count}, {head.seq} étaient attendues, ou sur une autre")
    if not chain.is_signed(head):
        broken.append("la fin de la chaîne n'est pas signée par ce site")
    return last, broken
