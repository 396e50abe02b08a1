from pathlib import Path

import numpy as np
import pytest

from retrieval.embedding import MINILM_SHA256, Encoder, ModelUnusable

TEXTS = ["fever and cough", "a swollen knee after a fall", "what causes chest pain when breathing in?", "x"]


def test_vectors_are_those_of_mean_pooling_written_out(encoder: Encoder) -> None:
    from transformers import AutoModel, AutoTokenizer

    from torch_pair import torch

    tokenizer = AutoTokenizer.from_pretrained(str(encoder.folder))
    model = AutoModel.from_pretrained(str(encoder.folder)).eval()
    for text, vector in zip(TEXTS, encoder.encode(TEXTS, batch=2), strict=True):
        with torch.inference_mode():
            states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy()
        mean = states.mean(axis=0)
        assert vector == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_vectors_are_unit_float32_and_near_when_the_meaning_is(encoder: Encoder) -> None:
    assert Encoder.english().sha256 == MINILM_SHA256 != encoder.sha256
    cough, tussis, knee = vectors = encoder.encode(["a dry cough", "coughing without phlegm", "knee pain"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert cough @ tussis > cough @ knee + 0.2


def test_nothing_gives_nothing_and_progress_reaches_the_end(encoder: Encoder) -> None:
    seen: list[tuple[int, int]] = []
    assert encoder.encode([]).shape == (0, 384)
    encoder.encode(TEXTS, batch=3, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(3, 4), (4, 4)]


def test_threads_are_put_back(encoder: Encoder) -> None:
    from torch_pair import torch

    before = torch.get_num_threads()
    encoder.encode(["fever"])
    assert torch.get_num_threads() == before


def test_an_exchanged_or_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="does not exist"):
        Encoder.load(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(ModelUnusable, match="damaged or was exchanged"):
        Encoder.load(tmp_path, MINILM_SHA256)


def test_chinese_lies_near_its_english_twin_and_english_is_as_published(encoder: Encoder) -> None:
    twins = {
        "喘不上气": "shortness of breath",
        "胸口疼": "chest pain",
        "拉肚子": "diarrhea",
        "皮肤发痒": "itchy skin",
    }
    near = encoder.encode(list(twins)) @ encoder.encode(list(twins.values())).T
    assert (near.argmax(axis=1) == np.arange(len(twins))).all()
    assert encoder.encode(TEXTS) == pytest.approx(Encoder.english().encode(TEXTS), abs=1e-6)


def test_damaged_chinese_is_refused(tmp_path: Path) -> None:
    from retrieval.chinese import ChineseRows, ChineseUnusable
    from torch_pair import torch

    path = tmp_path / "chinese.safetensors"
    ChineseRows(("人",), torch.zeros(1, 4), "").save(path, {"what": "a test"})
    assert ChineseRows.load(path).characters == ("人",)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ChineseUnusable, match="expected"):
        ChineseRows.load(path)


def test_the_adapter_that_ships_is_used_where_it_is_asked_for(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AETIA_EMBEDDING", raising=False)
    assert Encoder.for_search() == encoder
    monkeypatch.setenv("AETIA_EMBEDDING", "adapted")
    adapted = Encoder.for_search()
    assert adapted.sha256 not in (encoder.sha256, MINILM_SHA256)
    question = "What are the treatments for Gout ?"
    texts = [
        "Gout attacks are treated with colchicine or naproxen.",
        "Gout is named after the Latin for a drop.",
    ]
    vectors, before = adapted.encode([question, *texts]), encoder.encode([question, *texts])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1
    assert np.abs(vectors - before).max() > 0.01
    assert (adapted.encode(["痛风怎么治疗"]) @ vectors[1:].T).argmax() == 0
