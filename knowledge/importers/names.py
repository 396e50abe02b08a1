"""Names of terms and diseases in both languages, each meaning one thing only, as packs want it."""

from collections.abc import Iterable

from knowledge import concepts as c
from knowledge.importers.ontology import Ontology


class Names:
    """Collects labels and hands out names. A name that is taken is told apart by the entry's own id."""

    def __init__(self, ontology: Ontology) -> None:
        self._labels = dict(ontology.labels)
        self._chinese: dict[str, str] = {}
        self._lay = {term: list(names) for term, names in ontology.lay.items()}
        self._taken: dict[tuple[str, str], str] = {}

    def add(self, labels: Iterable[tuple[str, str, str, str]]) -> None:
        """Take labels in (see hpo_files.read_labels)."""
        for term, kind, label, other in labels:
            self._labels.setdefault(term, label)
            if kind == "layperson":
                self._lay.setdefault(term, []).append(other)
            elif kind == "zh":
                self._chinese.setdefault(term, other)

    def known(self, term: str) -> bool:
        """Whether any file names the term."""
        return term in self._labels

    def label(self, term: str) -> str:
        """The English label, or the id."""
        return self._labels.get(term, term)

    def chinese(self, term: str) -> str:
        """The Chinese label, or the English one."""
        return self._chinese.get(term, self.label(term))

    def is_plain(self, term: str) -> bool:
        """Whether people who are no doctors have a word for it."""
        return bool(self._lay.get(term))

    def of_term(self, term: str) -> c.Names:
        """All names of a term, the label first."""
        label = self.label(term)
        english = [self._own("finding en", label, term)]
        english += [n for n in self._lay.get(term, ()) if self._claim("finding en", n, term)]
        chinese = self._own("finding zh", self.chinese(term), term)
        return c.Names(en=tuple(dict.fromkeys(english)), zh=(chinese,))

    def of_disease(self, disease: str, name: str) -> c.Names:
        """The name of a disease; its catalogue's number stands for it too. None is given in Chinese."""
        own = self._own("disease", name.strip() or disease, disease)
        return c.Names(en=tuple(dict.fromkeys((own, disease))), zh=tuple(dict.fromkeys((own, disease))))

    def _own(self, kind: str, name: str, owner: str) -> str:
        return name if self._claim(kind, name, owner) else f"{name} ({owner})"

    def _claim(self, kind: str, name: str, owner: str) -> bool:
        return self._taken.setdefault((kind, name.casefold()), owner) == owner
