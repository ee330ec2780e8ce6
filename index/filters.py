"""Filters -> passage rows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from corpus import BadFilter, Document

_SHOWN = 40  # allowed values named in a message before it says how many more there are


@dataclass(frozen=True, slots=True)
class Filters:
    """Any of the values inside a field, all of the fields; an empty field allows everything.

    Dates are inclusive; a document without a date does not pass a date filter, nor one without
    a symbol ``symbol_prefix``, which ignores case.
    """

    document: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    publisher: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    symbol_prefix: str | None = None

    def __bool__(self) -> bool:
        """False when nothing is filtered."""
        return self != Filters()


def check(filters: Filters, documents: Mapping[str, Document]) -> None:
    """Raises BadFilter for a value that no document has, or for an empty date range."""
    each = documents.values()
    _known("document", filters.document, documents)
    _known("work", filters.work, (d.work for d in each))
    _known("language", filters.language, (d.language for d in each))
    _known("publisher", filters.publisher, (d.publisher for d in each if d.publisher))
    first, last = filters.date_from, filters.date_to
    if first is not None and last is not None and first > last:
        raise BadFilter("date_from", f"{first} is after date_to, {last}. Exchange the two dates.")
    if filters.symbol_prefix is not None and not filters.symbol_prefix.strip():
        raise BadFilter("symbol_prefix", "it is empty. Leave it out, or give e.g. 'A/AC.105/'.")


def matching_rows(
    filters: Filters, documents: Mapping[str, Document], owners: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """Ascending rows of the passages whose documents pass; (n,) int64, or None for no filter.

    ``owners[row]`` is the place in ``documents`` of the row's document. Raises BadFilter as
    ``check`` does.
    """
    check(filters, documents)
    if not filters:
        return None
    passing = np.asarray([passes(filters, d) for d in documents.values()], dtype=bool)
    return np.flatnonzero(passing[owners]).astype(np.int64)


def passes(filters: Filters, document: Document) -> bool:
    """Whether the document meets every field."""
    lists = (
        (filters.document, document.id),
        (filters.work, document.work),
        (filters.language, document.language),
        (filters.publisher, document.publisher),
    )
    if any(allowed and value not in allowed for allowed, value in lists):
        return False
    if filters.date_from is not None or filters.date_to is not None:
        first, last = filters.date_from or date.min, filters.date_to or date.max
        if document.date is None or not first <= document.date <= last:
            return False
    if filters.symbol_prefix is not None:
        prefix = filters.symbol_prefix.strip().casefold()
        return (document.symbol or "").casefold().startswith(prefix)
    return True


def _known(field: str, values: Sequence[str], allowed: Iterable[str]) -> None:
    if not values:
        return
    names = sorted(set(allowed))
    unknown = [value for value in values if value not in names]
    if unknown:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        listed = ", ".join(names[:_SHOWN]) or "none: no document has this field"
        raise BadFilter(field, f"unknown value '{unknown[0]}'. Allowed: {listed}{more}.")
