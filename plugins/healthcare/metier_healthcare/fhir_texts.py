"""The text and the fields of a FHIR resource, in the shapes of R4 and R5."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from metier.plugin import html_text
from metier_healthcare.attachments import attachment_text
from metier_healthcare.fhir_elements import (
    Element,
    concept_code,
    concept_text,
    element_of,
    elements_of,
    first_text,
    is_number,
    objects_in,
    quantity_text,
    reference_text,
    string_of,
    value_text,
    values_of,
)

ENTERED_IN_ERROR = "entered-in-error"

_DATES = (
    *("date", "effectiveDateTime", "effectiveInstant", "performedDateTime", "occurrenceDateTime"),
    *("onsetDateTime", "authoredOn", "recordedDate", "dateAsserted", "issued", "created", "sent"),
)
_PERIODS = ("effectivePeriod", "performedPeriod", "occurrencePeriod", "onsetPeriod", "period")
_AUTHORS = ("author", "performer", "asserter", "recorder", "informationSource", "sender")
_TYPES = ("type", "code", "medicationCodeableConcept", "medication", "medicationReference")
_STATUSES = ("status", "docStatus", "clinicalStatus", "verificationStatus")


class ResourceText(NamedTuple):
    """The text of a resource.

    Attributes:
        text: empty where nobody wrote words in it.
        unread: parts that were not read, for people.
        title: of the document, if it has one.
    """

    text: str
    unread: tuple[str, ...] = ()
    title: str = ""


def is_entered_in_error(resource: Element) -> bool:
    """Whether its author declared a resource to be a mistake."""
    statuses = (resource.get(name) for name in _STATUSES)
    return any(ENTERED_IN_ERROR in (value, concept_code(value)) for value in statuses)


def resource_text(resource: Element) -> ResourceText:
    """The words that people wrote in a resource.

    Where a kind of resource has no other words, its narrative is the text. A narrative that was
    generated of data alone is one only of the clinical kinds below.

    Raises:
        MalformedElementError: a field is not of the type that FHIR gives it.
        BrokenAttachmentError: an attachment is not what it says of itself.
    """
    kind = resource["resourceType"]
    read = _READERS.get(kind)
    words = ResourceText(_joined(*_notes(resource))) if read is None else read(resource)
    if words.text or (words.unread and kind in _FILES):
        return words
    return words._replace(text=_narrative(resource, may_be_generated=read is not None))


def resource_fields(resource: Element) -> dict[str, Any]:
    """Who and what a resource is about, as plain values; what it does not say is left out."""
    kind = resource["resourceType"]
    fields = {
        "resourceType": kind,
        "patient": _whole(resource, _first_reference(resource, ("subject", "patient", "for"))),
        "encounter": _whole(resource, _encounter(resource)),
        "date": _date(resource),
        "author": ", ".join(_references(resource, _AUTHORS)),
        "type": _first_concept(resource, _TYPES, concept_text),
        "type_code": _first_concept(resource, _TYPES, concept_code),
        "category": ", ".join(
            filter(None, map(concept_text, _as_list(resource.get("category")))),
        ),
        "status": next(
            filter(None, (concept_text(resource.get(name)) for name in _STATUSES)),
            "",
        ),
        "measurements": list(_measurements(resource)) if kind == "Observation" else [],
    }
    return {name: value for name, value in fields.items() if value}


def _document_reference(resource: Element) -> ResourceText:
    attachments = [
        element_of(content, "attachment", f"content[{number}]")
        for number, content in enumerate(elements_of(resource, "content"), start=1)
    ]
    text, unread = attachment_text(attachments, "content")
    titles = (string_of(attachment, "title", "attachment") for attachment in attachments)
    return ResourceText(text, unread, next(filter(None, titles), ""))


def _binary(resource: Element) -> ResourceText:
    return ResourceText(*attachment_text([resource], "Binary"))


def _diagnostic_report(resource: Element) -> ResourceText:
    form, unread = attachment_text(elements_of(resource, "presentedForm"), "presentedForm")
    words = [string_of(resource, "conclusion"), *_notes(resource)]
    title = concept_text(resource.get("code"))
    return ResourceText(_joined(form, *(word for word in words if word not in form)), unread, title)


def _observation(resource: Element) -> ResourceText:
    """Its values, components and notes; a single number without words is no text."""
    name = concept_text(resource.get("code"))
    lines = [_statement(name, kind, value) for kind, value in values_of(resource)]
    components = elements_of(resource, "component")
    for number, component in enumerate(components, start=1):
        of_what = concept_text(element_of(component, "code", f"component[{number}]"))
        lines += [_statement(of_what, kind, value) for kind, value in values_of(component)]
    notes = _notes(resource)
    has_words = any(
        kind in ("String", "CodeableConcept")
        for part in (resource, *components)
        for kind, _ in values_of(part)
    )
    if not (notes or has_words or components):
        return ResourceText("")
    meaning = ", ".join(filter(None, map(concept_text, _as_list(resource.get("interpretation")))))
    heading = name if components and not any(values_of(resource)) else ""
    body = "\n".join(filter(None, (heading, *lines, meaning and f"Interpretation: {meaning}")))
    return ResourceText(_joined(body or name, *notes))


def _statement(name: str, kind: str, value: object) -> str:
    words = value_text(kind, value)
    return ": ".join(filter(None, (name, words))) if words else ""


def _measurements(resource: Element) -> Iterator[dict[str, Any]]:
    """The numbers of an Observation, of its own value and of its components."""
    for part in (resource, *objects_in(resource.get("component"))):
        for kind, value in values_of(part):
            if kind != "Quantity" or not isinstance(value, dict):
                continue
            if is_number(value.get("value")):
                measurement = {
                    "code": concept_code(part.get("code")),
                    "name": concept_text(part.get("code")),
                    "value": value["value"],
                    "unit": first_text(value, ("unit", "code")),
                    "text": quantity_text(value),
                }
                yield {key: entry for key, entry in measurement.items() if entry != ""}


def _composition(resource: Element) -> ResourceText:
    sections = "\n\n".join(_sections(resource, "section", 1))
    return ResourceText(_joined(sections, *_notes(resource)), title=string_of(resource, "title"))


_DEEPEST_SECTION = 20


def _sections(parent: Element, path: str, level: int) -> Iterator[str]:
    """The sections of a Composition under Markdown headings of their titles."""
    for number, section in enumerate(elements_of(parent, "section", path), start=1):
        name = f"{path}[{number}]"
        title = string_of(section, "title", name) or concept_text(section.get("code"))
        text = _narrative(section, may_be_generated=True, path=name)
        inner = (
            list(_sections(section, f"{name}.section", level + 1))
            if level < _DEEPEST_SECTION
            else []
        )
        if not (text or inner):
            continue
        if title:
            yield f"{'#' * min(level, 6)} {' '.join(title.split())}"
        if text:
            yield text
        yield from inner


def _stated(resource: Element) -> ResourceText:
    """What is stated, such as a condition or a drug, how it is dosed, and notes on it."""
    name = _first_concept(resource, _TYPES, concept_text)
    doses = [
        string_of(dose, "text", field)
        for field in ("dosage", "dosageInstruction")
        for dose in objects_in(resource.get(field))
    ]
    return ResourceText(_joined("\n".join(filter(None, (name, *doses))), *_notes(resource)))


def _stated_in_words(resource: Element) -> ResourceText:
    """As `_stated`, where notes are there or a dose is written."""
    stated = _stated(resource)
    bare = _first_concept(resource, _TYPES, concept_text)
    return ResourceText("") if stated.text == bare else stated


def _impression(resource: Element) -> ResourceText:
    words = (string_of(resource, name) for name in ("description", "summary"))
    return ResourceText(_joined(*words, *_notes(resource)))


_READERS: dict[str, Callable[[Element], ResourceText]] = {
    "AllergyIntolerance": _stated,
    "Binary": _binary,
    "ClinicalImpression": _impression,
    "Composition": _composition,
    "Condition": _stated,
    "DiagnosticReport": _diagnostic_report,
    "DocumentReference": _document_reference,
    "MedicationRequest": _stated_in_words,
    "MedicationStatement": _stated,
    "Observation": _observation,
    "Procedure": _stated_in_words,
}
_FILES = ("DocumentReference", "Binary")
"""Kinds whose narrative is about the file and no text of it."""


def _notes(resource: Element) -> list[str]:
    """The texts of annotations; `note` is one object in some resources of earlier versions."""
    if isinstance(resource.get("note"), dict):
        return [string_of(element_of(resource, "note"), "text", "note")]
    notes = enumerate(elements_of(resource, "note"), start=1)
    return [string_of(note, "text", f"note[{number}]") for number, note in notes]


def _narrative(resource: Element, *, may_be_generated: bool, path: str = "") -> str:
    """The narrative of a resource or a section as plain text; empty where there is none."""
    narrative = resource.get("text")
    if not isinstance(narrative, dict):
        return ""
    status = string_of(narrative, "status", f"{path}.text".lstrip("."))
    if status == "empty" or (status == "generated" and not may_be_generated):
        return ""
    div = string_of(narrative, "div", f"{path}.text".lstrip("."))
    return html_text(div, is_xml=True)[0] if div else ""


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _first_concept(resource: Element, names: tuple[str, ...], read: Callable[[object], str]) -> str:
    return next((text for name in names if (text := read(resource.get(name)))), "")


def _references(resource: Element, names: tuple[str, ...]) -> list[str]:
    """What the first of several fields that is there refers to."""
    for name in names:
        if references := _as_list(resource.get(name)):
            return list(filter(None, map(reference_text, references)))
    return []


def _first_reference(resource: Element, names: tuple[str, ...]) -> str:
    return next((text for name in names for text in _references(resource, (name,))), "")


def _whole(resource: Element, reference: str) -> str:
    """A reference that is the same in every resource about the same, and different in others.

    `#p1` is a resource inside of this one, and each resource may have its own: it is named by its
    identifier, else by the resource that it is in. A version is left out.
    """
    if not reference.startswith("#"):
        return reference.split("/_history/")[0]
    for contained in objects_in(resource.get("contained")):
        if contained.get("id") == reference[1:]:
            for identifier in objects_in(contained.get("identifier")):
                if value := string_of(identifier, "value", "contained.identifier"):
                    return value
    name = resource.get("id")
    return f"{resource['resourceType']}/{name}{reference}" if name else ""


def _encounter(resource: Element) -> str:
    """The encounter: a field of its own, or in the `context` of a DocumentReference."""
    names = _references(resource, ("encounter",))
    for context in objects_in(resource.get("context")):
        names += _references(context, ("encounter",))  # R4
        names += [name for name in [reference_text(context)] if "Encounter/" in name]  # R5
    return next(iter(names), "")


def _date(resource: Element) -> str:
    """When it was written or observed, as it stands there."""
    starts = (objects_in(resource.get(name)) for name in _PERIODS)
    begun = (period.get("start") for periods in starts for period in periods)
    dates = (first_text(resource, _DATES), *begun)
    return next((date for date in dates if isinstance(date, str) and date), "")
