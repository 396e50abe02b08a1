"""The importer on small files of both releases' forms, and every kind of fault named."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from assistant.api import Assistant
from assistant.cli import app
from assistant.settings import Settings
from knowledge.compiled import FILE, read_compiled
from knowledge.evidence import Evidence
from knowledge.faults import PackError
from knowledge.graph import CausalGraph
from knowledge.importers.hpo import import_hpo, read_hpo
from knowledge.pack import load_pack

HEADER = (
    "#description: HPO annotations for rare diseases [3: OMIM; 0: DECIPHER; 1 ORPHANET]\n#date: 2023-01-27\n"
)
OLD = "#DatabaseID\tDiseaseName\tQualifier\tHPO_ID\tReference\tEvidence\tOnset\tFrequency\tSex\tModifier\tAspect\tBiocuration\n"
NEW = "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration\n"
ROWS = [
    ("OMIM:1", "Blue fit syndrome", "", "HP:0000011", "PMID:7", "HP:0040281", "P"),
    ("OMIM:1", "Blue fit syndrome", "", "HP:0000012", "PMID:7", "3/4", "P"),
    ("OMIM:1", "Blue fit syndrome", "", "HP:0000012", "PMID:8", "2/4", "P"),
    ("OMIM:1", "Blue fit syndrome", "NOT", "HP:0000021", "PMID:7", "", "P"),
    ("OMIM:1", "Blue fit syndrome", "", "HP:0003581", "PMID:7", "", "C"),
    ("OMIM:2", "Red fit disease, type 2", "", "HP:0000010", "OMIM:2", "", "P"),
    ("OMIM:2", "Red fit disease, type 2", "", "HP:0000021", "OMIM:2", "40%", "P"),
    ("OMIM:2", "Red fit disease, type 2", "", "HP:0001419", "OMIM:2", "", "I"),
    ("OMIM:3", "Pale hand", "", "HP:0000031", "OMIM:3", "", "P"),
    ("ORPHA:9", "Blue fit syndrome", "", "HP:0000021", "ORPHA:9", "HP:0040283", "P"),
    ("ORPHA:9", "Blue fit syndrome", "", "HP:0000031", "ORPHA:9", "HP:0040281", "P"),
]
TREE = {
    "HP:0000118": "HP:0000001", "HP:0000010": "HP:0000118", "HP:0000011": "HP:0000010",
    "HP:0000012": "HP:0000010", "HP:0000021": "HP:0000118", "HP:0000031": "HP:0000118",
    "HP:0000032": "HP:0000031",
}  # fmt: skip
LABELS = {"HP:0000010": "Seizure", "HP:0000011": "Blue seizure", "HP:0000012": "Long seizure",
          "HP:0000021": "Tall hat", "HP:0000031": "Pale hand", "HP:0000032": "Very pale hand"}  # fmt: skip


def annotation(row: tuple[str, ...]) -> str:
    disease, name, qualifier, term, reference, frequency, aspect = row
    return "\t".join([disease, name, qualifier, term, reference, "PCS", "", frequency, "", "", aspect, "x"])


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Files in the form of 2023, edges as of 2019, names in Chinese."""
    annotations = tmp_path / "phenotype.hpoa"
    annotations.write_text(HEADER + OLD + "\n".join(map(annotation, ROWS)) + "\n")
    url = "http://purl.obolibrary.org/obo/"
    edges = [
        {"sub": url + a.replace(":", "_"), "pred": "is_a", "obj": url + b.replace(":", "_")}
        for a, b in TREE.items()
    ]
    (tmp_path / "edges.json").write_text(json.dumps({"graphs": [{"nodes": [], "edges": edges}]}))
    lines = [
        "source_language\ttranslation_language\tsubject_id\tpredicate_id\tsource_value\ttranslation_value"
    ]
    lines += [f"en\tzh\t{t}\trdfs:label\t{label}\t中{label}" for t, label in LABELS.items()]
    (tmp_path / "zh.tsv").write_text("\n".join(lines))
    return {"annotations": annotations, "edges": tmp_path / "edges.json", "labels": tmp_path / "zh.tsv"}


def read(files: dict[str, Path]) -> CausalGraph:
    return CausalGraph(read_hpo(files["annotations"], files["edges"], [files["labels"]]).base)


def edges_of(graph: CausalGraph, disease: str) -> dict[str, float]:
    return {e.id: e.probability for e in graph.base.diseases[disease].findings}


def test_reports_add_up_words_count_and_never_is_believed(files: dict[str, Path]) -> None:
    graph = read(files)
    own = edges_of(graph, "omim_1")
    assert own["hp_0000011"] == 0.90
    assert own["hp_0000012"] == pytest.approx(5.5 / 9, abs=1e-4)
    assert own["hp_0000021"] == 0.0
    assert edges_of(graph, "omim_2")["hp_0000021"] == 0.4


def test_a_namesake_in_another_catalogue_lends_what_is_not_named(files: dict[str, Path]) -> None:
    graph = read(files)
    assert edges_of(graph, "omim_1")["hp_0000031"] == pytest.approx(0.7 * 0.9)
    assert "hp_0000011" in edges_of(graph, "orpha_9")
    assert set(edges_of(graph, "omim_3")) == {"hp_0000031"}


def test_onset_inheritance_and_publications_make_the_prior(files: dict[str, Path]) -> None:
    graph = read(files)
    child, adult = (graph.prior(Evidence(age=age))[graph.row["omim_1"]] for age in (5.0, 30.0))
    assert child < 0.1 * adult
    female, male = (graph.prior(Evidence(sex=sex))[graph.row["omim_2"]] for sex in ("female", "male"))
    assert male > 10 * female
    assert (
        graph.prior(Evidence(age=30))[graph.row["omim_1"]]
        > graph.prior(Evidence(age=30))[graph.row["omim_3"]]
    )


def test_a_finding_of_few_diseases_tells_more(files: dict[str, Path]) -> None:
    base = read(files).base
    assert base.findings["hp_0000010"].leak_probability > base.findings["hp_0000012"].leak_probability
    assert base.findings["hp_0000032"].leak_probability == 1e-4


def test_the_engine_reads_cases_with_it(files: dict[str, Path]) -> None:
    graph = read(files)
    reading = graph.posterior(Evidence(present={"hp_0000011", "hp_0000012"}))
    assert reading.diseases[int(np.argmax(reading.posterior))] in ("omim_1", "orpha_9")


def test_a_kind_of_what_a_disease_shows_speaks_for_it_unless_that_is_common(files: dict[str, Path]) -> None:
    base = read(files).base
    common = base.findings["hp_0000031"]
    assert common.leak_probability > 0.2
    assert CausalGraph(base).strength("omim_3", "hp_0000032") == 0
    rare = base.findings | {"hp_0000031": common.model_copy(update={"leak": 0.01})}
    kin = CausalGraph(base.model_copy(update={"findings": rare})).strength("omim_3", "hp_0000032")
    leaks = base.findings["hp_0000032"].leak_probability / 0.01
    assert kin == pytest.approx(base.inference.kinship * leaks * 0.55)


def test_the_current_release_reads_as_well(files: dict[str, Path], tmp_path: Path) -> None:
    old = read(files).base
    lines = "".join(annotation(row) + "\n" for row in ROWS)
    new = tmp_path / "new.hpoa.gz"
    new.write_bytes(
        gzip.compress(('#description: "HPO annotations"\n#version: 2025-05-06\n' + NEW + lines).encode())
    )
    obo = ["format-version: 1.2", "data-version: hp/releases/2025-05-06", ""]
    for term, parent in TREE.items():
        obo += ["[Term]", f"id: {term}", f"name: {LABELS.get(term, term)}", f"is_a: {parent} ! x", ""]
    obo[-1:] = ['synonym: "fits" EXACT layperson [ORCID:0]', "alt_id: HP:0000099", ""]
    (tmp_path / "hp.obo.gz").write_bytes(gzip.compress("\n".join(obo).encode()))
    base = read_hpo(new, tmp_path / "hp.obo.gz", [files["labels"]]).base
    assert base.version == "2025-05-06"
    assert {d.id: d.findings for d in base.diseases.values()} == {
        d.id: d.findings for d in old.diseases.values()
    }
    assert base.findings["hp_0000032"].kind == "symptom"
    assert "fits" in base.findings["hp_0000032"].names.en


def test_a_merged_term_counts_as_what_it_became(files: dict[str, Path], tmp_path: Path) -> None:
    graph = json.loads(files["edges"].read_text())
    node = {
        "id": "http://purl.obolibrary.org/obo/HP_0000021",
        "lbl": "Tall hat",
        "meta": {"basicPropertyValues": [{"pred": "http://x#hasAlternativeId", "val": "HP:0000077"}]},
    }
    graph["graphs"][0]["nodes"] = [node]
    files["edges"].write_text(json.dumps(graph))
    files["annotations"].write_text(files["annotations"].read_text().replace("HP:0000021", "HP:0000077"))
    assert edges_of(read(files), "omim_2")["hp_0000021"] == 0.4


def test_a_term_that_the_edges_do_not_know_is_kept_and_named(files: dict[str, Path]) -> None:
    extra = annotation(("OMIM:3", "Pale hand", "", "HP:0000555", "OMIM:3", "", "P"))
    files["annotations"].write_text(files["annotations"].read_text() + extra + "\n")
    imported = read_hpo(files["annotations"], files["edges"], [files["labels"]])
    assert "hp_0000555" in imported.base.findings
    assert any("HP:0000555" in note for note in imported.notes)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("HP:0040281", "130 %", r"phenotype.hpoa:4: frequency: `130 %`, expected .* up to 100 %"),
        ("3/4", "5/4", r":5: frequency: `5/4`"),
        ("HP:0000012", "HP:12", r":5: hpo_id: `HP:12` is no term"),
        ("OMIM:3\t", "three\t", r":12: database_id: `three`"),
        ("\tNOT\t", "\tNEVER\t", r":7: qualifier: `NEVER`"),
        ("#DatabaseID", "#Something", r"no row names the columns"),
    ],
)
def test_a_row_that_is_none_is_named(files: dict[str, Path], old: str, new: str, complaint: str) -> None:
    files["annotations"].write_text(files["annotations"].read_text().replace(old, new, 1))
    with pytest.raises(PackError, match=complaint):
        read(files)


def test_a_file_cut_off_is_named_wherever_the_cut_is(files: dict[str, Path], tmp_path: Path) -> None:
    whole = files["annotations"].read_text()
    lines = whole.splitlines(keepends=True)
    for cut in (whole[: len(whole) - 40], "".join(lines[:10])):
        files["annotations"].write_text(cut)
        with pytest.raises(PackError, match="cut off"):
            read(files)
    files["annotations"] = tmp_path / "cut.gz"
    files["annotations"].write_bytes(gzip.compress(whole.encode())[:-30])
    with pytest.raises(PackError, match="cut off"):
        read(files)


def test_a_cycle_of_edges_is_named(files: dict[str, Path]) -> None:
    url = "http://purl.obolibrary.org/obo/HP_00000"
    graph = json.loads(files["edges"].read_text())
    graph["graphs"][0]["edges"].append({"sub": url + "10", "pred": "is_a", "obj": url + "11"})
    files["edges"].write_text(json.dumps(graph))
    with pytest.raises(PackError, match=r"a cycle of is-a edges: HP:00000\d\d → HP:00000"):
        read(files)


def test_edges_that_are_none_are_named(files: dict[str, Path]) -> None:
    for text, complaint in (
        ('{"graphs": [', "not JSON, is it cut off"),
        ("{}", "no OBO graph"),
        ("x", "no is-a"),
    ):
        files["edges"].write_text(text)
        with pytest.raises(PackError, match=complaint):
            read(files)


def test_the_pack_is_written_checked_and_read_again(files: dict[str, Path], tmp_path: Path) -> None:
    written = import_hpo(files["annotations"], files["edges"], [files["labels"]], tmp_path / "pack").base
    assert load_pack(tmp_path / "pack") == written
    first = (tmp_path / "pack" / FILE).read_bytes()
    import_hpo(files["annotations"], files["edges"], [files["labels"]], tmp_path / "pack")
    assert (tmp_path / "pack" / FILE).read_bytes() == first


def test_a_damaged_pack_is_named(files: dict[str, Path], tmp_path: Path) -> None:
    import_hpo(files["annotations"], files["edges"], [files["labels"]], tmp_path)
    pack = tmp_path / FILE
    text = gzip.decompress(pack.read_bytes()).decode()
    for old, new, complaint in (
        ('"strength":0.4', '"strength":1.3', r"findings.1.strength.*less than or equal to 1"),
        ('"id":"hp_0000010","freq', '"id":"hp_9999999","freq', "`hp_9999999` is no finding of this pack"),
    ):
        pack.write_bytes(gzip.compress(text.replace(old, new).encode()))
        with pytest.raises(PackError, match=complaint):
            read_compiled(tmp_path, None)
    pack.write_bytes(gzip.compress(text.encode())[:-100])
    with pytest.raises(PackError, match="cut off"):
        read_compiled(tmp_path, None)


def test_the_command_and_the_app_use_it(files: dict[str, Path], tmp_path: Path) -> None:
    flags = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    done = CliRunner().invoke(app, ["knowledge", "import", "hpo", *flags, "--out", str(tmp_path / "pack")])
    assert done.exit_code == 0
    assert "4 diseases" in done.output
    session = Assistant.graph_only(Settings(pack=tmp_path / "pack")).start("en")
    answer = session.say("She has blue seizure and long seizure")
    assert answer.differential.hypotheses[0].name == "Blue fit syndrome"


def test_a_row_without_a_reference_stands_on_its_own_entry(files: dict[str, Path]) -> None:
    files["annotations"].write_text(
        files["annotations"].read_text().replace("PMID:8", "").replace("PMID:7", "10.1/x")
    )
    base = read(files).base
    assert {e.source for e in base.diseases["omim_1"].findings} <= base.sources.keys()
