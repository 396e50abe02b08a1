"""A tiny hand-made world for units, and the real assistant for what users would meet."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["HF_HUB_OFFLINE"] = "1"

from assistant.api import Assistant
from assistant.settings import Settings
from knowledge.base import KnowledgeBase
from knowledge.pack import load_pack

settings.register_profile("unhurried", deadline=None)  # machines are shared, and slow at times
settings.load_profile("unhurried")

WORLD = Path(__file__).parent / "world"
FOUNDING = "患者李某，男，38岁，近期出现咳嗽、气短等症状，肺部CT显示有异常阴影。请诊断病情。"


@pytest.fixture(scope="session")
def world() -> KnowledgeBase:
    """Five diseases, eight findings."""
    return load_pack(WORLD, use_cache=False)


@pytest.fixture(scope="session")
def in_world(world: KnowledgeBase) -> Assistant:
    """An assistant that knows the world and has the graph as its only witness."""
    return Assistant(world, settings=Settings(country="GB"))


@pytest.fixture(scope="session")
def core() -> KnowledgeBase:
    """The built-in pack."""
    return load_pack()


@pytest.fixture(scope="session")
def graph_only(core: KnowledgeBase) -> Assistant:
    """An assistant that knows the built-in pack and has the graph as its only witness."""
    return Assistant(core, settings=Settings(country="GB"))


@pytest.fixture(scope="session")
def assistant() -> Iterator[Assistant]:
    """The real assistant with all its witnesses."""
    yield Assistant.load(Settings(country="GB"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The public data sets; skipped without them, but never in continuous integration."""
    folder = Path(os.environ.get("AETIA_DATA") or Path(__file__).parent.parent.parent / "shared" / "data")
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"the data sets must be at {folder} in continuous integration")
        pytest.skip(f"the data sets are not at {folder}; set AETIA_DATA")
    return folder
