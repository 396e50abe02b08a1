"""What the reports of a record carry: notes and pictures inside the Bundle, and links that lead out of it.

FHIR Attachment (R4, R5): `data` in base64, or a `url`, which may name a Binary of the same Bundle. Nothing is
fetched from elsewhere.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from assistant.fhir_bundle import Json

_LONGEST = 120
"""Characters of a link that are shown."""


class NotBase64(ValueError):
    """Data of an attachment that is not what it should be."""


@dataclass(frozen=True)
class Attached:
    """A picture inside a record. name: for people, such as `Media: Chest PA`. content: the file."""

    name: str
    content: bytes


@dataclass
class Attachments:
    """What was found. broken: attachments that are not base64. unread: other kinds. elsewhere: what is linked to,
    and not in the Bundle."""

    notes: list[str] = field(default_factory=list)
    pictures: list[Attached] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    _opened: set[int] = field(default_factory=set)

    def take(self, resource: Json, linked: Mapping[str, Json]) -> None:
        """Take in what a resource carries. linked: the Bundle's resources by what points to them."""
        owner = str(resource["resourceType"])
        for attachment in _of(resource):
            try:
                self._sort(owner, attachment, linked)
            except NotBase64:
                self.broken.append(f"{owner}: an attachment is not base64")
        contained = {f"#{part.get('id')}": part for part in resource.get("contained") or ()}
        for media in resource.get("media") or ():
            link = str((media.get("link") or {}).get("reference") or "")
            if link in contained:
                self.take(contained[link], linked)
            elif link not in linked:  # what is in the Bundle is met by itself
                self.elsewhere.append(_link(owner, link))

    def take_rest(self, resources: Iterable[Json]) -> None:
        """Take in every Binary that nothing pointed to."""
        for binary in resources:
            if binary["resourceType"] == "Binary" and id(binary) not in self._opened:
                self.take({"resourceType": "Binary", "content": binary}, {})

    def _sort(self, owner: str, attachment: Json, linked: Mapping[str, Json]) -> None:
        url, kind = str(attachment.get("url") or ""), str(attachment.get("contentType") or "")
        binary = linked.get(url, {}) if not attachment.get("data") else {}
        self._opened.add(id(binary))
        data = _decoded(attachment.get("data") or binary.get("data"))
        kind = kind or str(binary.get("contentType") or "")
        if data and kind.startswith("text/plain"):
            self.notes.append(data.decode("utf-8", errors="replace"))
        elif data and _is_picture(kind, data):
            title = str(attachment.get("title") or "").strip()
            self._add(Attached(f"{owner}: {title}" if title else owner, data))
        elif not data and url and url not in linked:
            self.elsewhere.append(_link(owner, url))
        else:
            self.unread.append(f"{owner} attachment of type {kind or 'unknown'}")

    def _add(self, picture: Attached) -> None:
        """Once each: a picture that a report and its Media both carry is one picture."""
        if all(picture.content != known.content for known in self.pictures):
            self.pictures.append(picture)


def _of(resource: Json) -> Iterator[Json]:
    """The attachments of a DiagnosticReport, a DocumentReference or a Media."""
    yield from resource.get("presentedForm") or ()
    content = resource.get("content") or ()
    if isinstance(content, Mapping):  # Media has one
        yield content
    else:
        yield from (part.get("attachment") or {} for part in content)


def _decoded(data: str | None) -> bytes:
    try:
        return base64.b64decode("".join((data or "").split()), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise NotBase64 from fault


def _is_picture(kind: str, data: bytes) -> bool:
    """By the type that it bears, or by its first bytes where it bears none."""
    from vision.images import READABLE, sniffed

    return (
        kind.startswith("image/")
        or kind == "application/dicom"
        or (not kind and sniffed(data[:512]) in READABLE)
    )


def _link(owner: str, url: str) -> str:
    return f"{owner}: {url[:_LONGEST]}{'…' if len(url) > _LONGEST else ''}"
