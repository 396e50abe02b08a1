"""Which disease, or which diseases together, a message speaks of: by name, or as those that are likely."""

from assistant.case import Case
from assistant.diagnosis import Assessment
from assistant.found import names_a_finding
from assistant.measures import whole
from assistant.patterns import compiled
from assistant.treatment import leading
from knowledge.base import KnowledgeBase
from knowledge.diseases import DiseaseGroup
from knowledge.lexicon import Lexicon


class Meant:
    """Reads it; made once."""

    def __init__(self, base: KnowledgeBase, lexicon: Lexicon) -> None:
        self._base = base
        self._lexicon = lexicon

    def disease_in(self, text: str) -> str | None:
        """The disease (bare id) that a message names."""
        named = self._named(text)
        return max(named)[1].partition(":")[2] if named else None

    def group_in(self, text: str) -> DiseaseGroup | None:
        """The group that a message names, "my heart" or "cancer"; none where a longer name is a disease's: "lung
        cancer"."""
        named = [
            (len(word), group)
            for group in self._base.disease_groups.values()
            for word in (*group.names.en, *group.names.zh)
            if compiled(whole(word)).search(text)
        ]
        length, group = max(named, key=lambda found: found[0], default=(0, None))
        return group if length >= max(self._named(text), default=(0,))[0] else None

    def disease(self, text: str, case: Case, assessment: Assessment) -> str | None:
        """The disease (bare id) named, else the leading one of a case."""
        return next(iter(self.diseases(text, case, assessment)), None)

    def diseases(self, text: str, case: Case, assessment: Assessment) -> list[str]:
        """The disease named, unless an illness is at hand beside which it is a condition, as pregnancy, or a complaint,
        as vomiting; else the leading ones (bare ids), none for a person who told no complaint."""
        if not (likely := [] if case.is_empty else leading(assessment.differential)):
            return [named] if (named := self.disease_in(text)) else []
        named = max(self._named(text, complaints=False), default=(0, ""))[1].partition(":")[2]
        return [named] if named and named not in self._base.risk_factors else likely

    def _named(self, text: str, complaints: bool = True) -> list[tuple[int, str]]:
        """(length of its name, full id) of each disease that a message names. complaints: also where the name is a
        finding's too."""
        return [
            (m.end - m.start, ref)
            for m in self._lexicon.mentions(text)
            if m.manner == "name" and (complaints or not names_a_finding(m))
            for ref in m.refs
            if ref.startswith("disease:")
        ]
