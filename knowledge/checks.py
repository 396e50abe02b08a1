"""What no single entry can know of itself: references, names that mean two things, cycles."""

from collections.abc import Iterable, Mapping

from knowledge import concepts as c
from knowledge.base import KnowledgeBase
from knowledge.criteria import names_in
from knowledge.diseases import Disease, DiseaseGroup
from knowledge.faults import FaultBook
from knowledge.medicines import Drug, DrugClass, Implication

Whereabouts = Mapping[str, tuple[str, c.FieldPath]]
"""`kind/id` -> file, and the path of the entry in it."""

BRIEF_FINDINGS, FULL_FINDINGS = 3, 8
BRIEF_PASSAGES, FULL_PASSAGES = 2, 5
_FULL_SECTIONS = ("severity", "workup", "treatment", "outlook", "self_care", "come_back_if")


def check(base: KnowledgeBase, whereabouts: Whereabouts, book: FaultBook) -> None:
    """Add every fault of the pack as a whole to the book."""
    checker = _Checker(base, whereabouts, book)
    for department in base.departments.values():
        checker.department(department)
    for quantity in base.quantities.values():
        checker.quantity(quantity)
    for f in base.findings.values():
        checker.finding(f)
    for risk in base.risk_factors.values():
        checker.risk_factor(risk)
    for disease in base.diseases.values():
        checker.disease(disease)
    for diseases in base.disease_groups.values():
        checker.disease_group(diseases)
    for drug in base.drugs.values():
        checker.drug(drug)
    for group in base.drug_classes.values():
        checker.drug_class(group)
    for target in base.targets.values():
        checker.target(target)
    for implied in base.implications:
        checker.implication(implied)
    for asked in base.question_groups:
        checker.question_group(asked)
    for flag in base.red_flags:
        checker.red_flag(flag)
    for passage in base.own_passages:
        checker.passage(passage)
    checker.cycles()
    for kind in ("findings", "risk_factors", "drugs", "drug_classes", "diseases", "tests"):
        checker.names(kind)


class _Checker:
    def __init__(self, base: KnowledgeBase, whereabouts: Whereabouts, book: FaultBook) -> None:
        self.base = base
        self._whereabouts = whereabouts
        self._book = book
        self._drug_classes = {group for drug in base.drugs.values() for group in drug.classes}

    def _fault(self, key: str, path: Iterable[str | int], message: str) -> None:
        file, start = self._whereabouts[key]
        self._book.add(file, (*start, *path), message)

    def _known(self, key: str, path: Iterable[str | int], bare: str, *kinds: str) -> None:
        if not any(bare in getattr(self.base, kind) for kind in kinds):
            wanted = " or ".join(kind.rstrip("s").replace("_", " ") for kind in kinds)
            self._fault(key, path, f"`{bare}` is no {wanted} of this pack")

    def _source(self, key: str, path: tuple[str | int, ...], source: str | None) -> None:
        if source is not None:
            self._known(key, (*path, "source"), source, "sources")

    def department(self, department: c.Department) -> None:
        for i, other in enumerate(department.covers):
            self._known(f"departments/{department.id}", ("covers", i), other, "departments")

    def disease_group(self, group: DiseaseGroup) -> None:
        if group.department:
            self._known(f"disease_groups/{group.id}", ("department",), group.department, "departments")

    def quantity(self, quantity: c.Quantity) -> None:
        if quantity.share_of:
            self._known(f"quantities/{quantity.id}", ("share_of",), quantity.share_of, "quantities")

    def finding(self, finding: c.Finding) -> None:
        key = f"findings/{finding.id}"
        for i, parent in enumerate(finding.parents):
            self._known(key, ("parents", i), parent, "findings")
        for i, rule in enumerate(finding.measured):
            self._known(key, ("measured", i, "quantity"), rule.quantity, "quantities")
        if finding.test:
            self._known(key, ("test",), finding.test, "tests")
        for i, risk in enumerate(finding.told_by):
            self._known(key, ("told_by", i), risk, "risk_factors")

    def risk_factor(self, risk: c.RiskFactor) -> None:
        for i, group in enumerate(risk.classes):
            if group not in self._drug_classes:
                self._fault(f"risk_factors/{risk.id}", ("classes", i), f"no drug has the class `{group}`")

    def disease(self, disease: Disease) -> None:
        key = f"diseases/{disease.id}"
        self._known(key, ("department",), disease.department, "departments")
        if disease.subtype_of:
            self._known(key, ("subtype_of",), disease.subtype_of, "diseases")
        for i, edge in enumerate(disease.findings):
            self._known(key, ("findings", i, "id"), edge.id, "findings")
        for i, risk in enumerate(disease.risk_factors):
            self._known(key, ("risk_factors", i, "id"), risk.id, "risk_factors", "diseases")
        for i, met in enumerate(disease.exposure.any if disease.exposure else ()):
            self._known(key, ("exposure", "any", i), met, "findings", "risk_factors", "diseases")
        for i, cause in enumerate(disease.causes):
            self._known(key, ("causes", i, "disease"), cause.disease, "diseases")
        for i, mimic in enumerate(disease.mimics):
            self._known(key, ("mimics", i, "disease"), mimic.disease, "diseases")
            for j, sign in enumerate(mimic.apart_by):
                self._known(key, ("mimics", i, "apart_by", j), sign, "findings", "risk_factors", "diseases")
        for field in ("risk_factors", "findings", "causes", *_FULL_SECTIONS, "follow_up", "passages"):
            for i, entry in enumerate(getattr(disease, field)):
                self._source(key, (field, i), entry.source)
        for i, grade in enumerate(disease.severity):
            if grade.when:
                self._criterion(key, ("severity", i, "when"), grade.when)
        for i, step in enumerate(disease.workup):
            self._known(key, ("workup", i, "test"), step.test, "tests")
            if step.positive:
                self._known(key, ("workup", i, "positive"), step.positive, "findings")
        for i, treatment in enumerate(disease.treatment):
            for j, drug in enumerate(treatment.drugs):
                self._known(key, ("treatment", i, "drugs", j), drug, "drugs")
        self._complete(key, disease)

    def _complete(self, key: str, disease: Disease) -> None:
        if disease.traditional_pattern or disease.tier == "listed":
            return
        full = disease.tier == "full"
        if len(disease.findings) < (least := FULL_FINDINGS if full else BRIEF_FINDINGS):
            self._fault(key, ("findings",), f"{len(disease.findings)} findings, expected at least {least}")
        if len(disease.passages) < (least := FULL_PASSAGES if full else BRIEF_PASSAGES):
            self._fault(key, ("passages",), f"{len(disease.passages)} passages, expected at least {least}")
        for field in _FULL_SECTIONS if full else ():
            if not getattr(disease, field):
                self._fault(key, (), f"a full disease has `{field}`")

    def _criterion(self, key: str, path: tuple[str | int, ...], criterion: c.Criterion) -> None:
        for name in names_in(criterion):
            prefix, _, quantity = name.rpartition(":")
            if prefix:
                if quantity != "age":
                    self._known(key, path, quantity, "quantities")
            else:
                self._known(key, path, name, "findings", "risk_factors", "diseases")

    def drug(self, drug: Drug) -> None:
        key = f"drugs/{drug.id}"
        for field in ("uses", "contraindications", "interactions", "harms", "doses"):
            for i, claim in enumerate(getattr(drug, field)):
                self._source(key, (field, i), claim.source)
        for i, contra in enumerate(drug.contraindications):
            if contra.measured:
                self._known(key, ("contraindications", i, "measured"), contra.measured.quantity, "quantities")
            if contra.when and contra.when not in self._drug_classes:
                self._known(
                    key, ("contraindications", i, "when"), contra.when, "diseases", "risk_factors", "findings"
                )
        for i, interaction in enumerate(drug.interactions):
            for j, other in enumerate(interaction.with_):
                if other not in self._drug_classes:
                    self._known(key, ("interactions", i, "with", j), other, "drugs", "risk_factors")
        for i, harm in enumerate(drug.causes):
            self._known(key, ("causes", i), harm, "findings")

    def drug_class(self, group: DrugClass) -> None:
        key = f"drug_classes/{group.id}"
        for i, reaction in enumerate(group.reacts):
            self._source(key, ("reacts", i), reaction.source)
            for j, other in enumerate(reaction.with_):
                if other not in self._drug_classes:
                    self._fault(key, ("reacts", i, "with", j), f"no drug has the class `{other}`")
        if group.id not in self._drug_classes:
            self._fault(key, (), f"no drug has the class `{group.id}`")

    def target(self, target: c.Target) -> None:
        key = f"targets/{target.id}"
        self._source(key, (), target.source)
        for i, rule in enumerate(target.limits):
            self._known(key, ("limits", i), rule.quantity, "quantities")
        if target.when:
            self._criterion(key, ("when",), target.when)
        if target.instead_of:
            self._known(key, ("instead_of",), target.instead_of, "targets")

    def implication(self, implied: Implication) -> None:
        key = f"implications/{implied.id}"
        self._source(key, (), implied.source)
        self._criterion(key, ("when",), implied.when)
        if implied.condition not in self._drug_classes:
            self._known(key, ("condition",), implied.condition, "findings", "risk_factors", "diseases")

    def question_group(self, group: c.QuestionGroup) -> None:
        key = f"question_groups/{group.id}"
        for i, finding in enumerate(group.of):
            self._known(key, ("of", i), finding, "findings")
            if finding in group.of[:i]:
                self._fault(key, ("of", i), f"`{finding}` stands twice")

    def red_flag(self, flag: c.RedFlag) -> None:
        self._source(f"red_flags/{flag.id}", (), flag.source)
        self._criterion(f"red_flags/{flag.id}", ("when",), flag.when)

    def passage(self, passage: c.Passage) -> None:
        key = f"own_passages/{passage.id}"
        self._source(key, (), passage.source)
        for i, ref in enumerate(passage.about):
            prefix, _, bare = ref.partition(":")
            if bare not in self.base.by_prefix.get(prefix, {}):
                self._fault(key, ("about", i), f"`{ref}` is no concept of this pack")

    def cycles(self) -> None:
        for finding in self.base.findings.values():
            way, above = [finding.id], list(finding.parents)
            while above and (step := above.pop()) in self.base.findings:
                if step == finding.id:
                    self._fault(
                        f"findings/{finding.id}", ("parents",), f"`{finding.id}` is an ancestor of itself"
                    )
                    break
                if step not in way:
                    way.append(step)
                    above.extend(self.base.findings[step].parents)

    def names(self, kind: str) -> None:
        """One name, one concept, within a kind and a language."""
        entries: Mapping[str, c.Concept] = getattr(self.base, kind)
        languages: tuple[c.Language, ...] = ("en", "zh")
        for language in languages:
            owner: dict[str, str] = {}
            for entry in entries.values():
                for i, name in enumerate(entry.names.in_language(language)):
                    if (first := owner.setdefault(name.casefold(), entry.id)) != entry.id:
                        self._fault(
                            f"{kind}/{entry.id}", ("names", language, i), f"`{name}` already means `{first}`"
                        )
