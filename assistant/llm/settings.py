"""Which language model is switched on, by file, environment or page; none by default."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from platformdirs import user_data_dir

from knowledge.errors import AetiaError

FILE = "language_model.yaml"
"""In the data folder (AETIA_HOME), unless AETIA_LLM_FILE names another."""
_DTYPES = ("auto", "float32", "float16", "bfloat16")
_KEYS = ("base_url", "model", "path", "dtype", "device", "int8", "context")
_ON = ("on", "1", "true", "yes")


class BadModelSetting(AetiaError):
    """A setting of the language model that cannot be used."""


@dataclass(frozen=True)
class ModelSettings:
    """base_url: of an OpenAI-compatible server, up to `/v1` (AETIA_LLM_BASE_URL). model: its name there
    (AETIA_LLM_MODEL). key: sent as bearer token, from the environment alone (AETIA_LLM_API_KEY). path:
    folder of a transformers causal model that runs here instead (AETIA_LLM_PATH), with dtype, device, int8
    (AETIA_LLM_DTYPE, AETIA_LLM_DEVICE, AETIA_LLM_INT8=on). context: tokens that prompt and answer may
    take together (AETIA_LLM_CONTEXT). In the file the same names without AETIA_LLM_, small.
    """

    base_url: str = ""
    model: str = ""
    key: str = field(default="", repr=False)
    path: Path | None = None
    dtype: str = "auto"
    device: str = "cpu"
    int8: bool = False
    context: int = 4096

    def __post_init__(self) -> None:
        if self.base_url and self.path:
            raise BadModelSetting(
                "AETIA_LLM_BASE_URL and AETIA_LLM_PATH are both set; unset one, so that it is plain where words go"
            )
        if self.base_url and not self.base_url.startswith(("http://", "https://")):
            raise BadModelSetting("AETIA_LLM_BASE_URL must begin with http:// or https://")
        if self.base_url and not self.model:
            raise BadModelSetting("AETIA_LLM_BASE_URL is set; name the model in AETIA_LLM_MODEL too")
        if self.dtype not in _DTYPES:
            raise BadModelSetting(f"AETIA_LLM_DTYPE is `{self.dtype}`; it may be {', '.join(_DTYPES)}")

    @property
    def on(self) -> bool:
        """Whether a person switched a model on."""
        return bool(self.base_url or self.path)

    @classmethod
    def configured(cls) -> "ModelSettings":
        """The settings of this process: the file's, and over them those of the environment.

        A server or folder that the environment names takes the place of either in the file. Raises
        BadModelSetting.
        """
        given = _of_file(_place())
        told = {key: value for key in _KEYS if (value := os.environ.get(f"AETIA_LLM_{key.upper()}"))}
        if told.keys() & {"base_url", "path"}:
            given = {key: value for key, value in given.items() if key not in ("base_url", "path", "model")}
        return cls._of(given | told, os.environ.get("AETIA_LLM_API_KEY") or "")

    @classmethod
    def _of(cls, given: dict[str, Any], key: str) -> "ModelSettings":
        context = str(given.get("context", 4096))
        if not context.isdecimal() or int(context) < 1024:
            raise BadModelSetting(
                f"AETIA_LLM_CONTEXT is `{context}`; it must be a number of tokens from 1024"
            )
        path = given.get("path")
        return cls(
            base_url=str(given.get("base_url", "")).rstrip("/"),
            model=str(given.get("model", "")),
            key=key,
            path=Path(path) if path else None,
            dtype=str(given.get("dtype", "auto")),
            device=str(given.get("device", "cpu")),
            int8=str(given.get("int8", "off")).lower() in _ON,
            context=int(context),
        )


def _place() -> Path:
    """Where the file is looked for."""
    if named := os.environ.get("AETIA_LLM_FILE"):
        return Path(named)
    return Path(os.environ.get("AETIA_HOME") or user_data_dir("aetia")) / FILE


def _of_file(path: Path) -> dict[str, Any]:
    """What the file says; nothing when there is none and none was named."""
    if not path.exists():
        if "AETIA_LLM_FILE" in os.environ:
            raise BadModelSetting(f"AETIA_LLM_FILE names {path}, which does not exist")
        return {}
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as fault:
        raise BadModelSetting(f"{path} cannot be read as YAML: {fault}") from fault
    if not isinstance(said, dict):
        raise BadModelSetting(f"{path} must hold lines such as `base_url: http://127.0.0.1:8000/v1`")
    for key in said:
        if "key" in str(key).lower():
            raise BadModelSetting(
                f"{path}: `{key}` may not stand in a file; keys come from the environment (AETIA_LLM_API_KEY)"
            )
        if key not in _KEYS:
            raise BadModelSetting(f"{path}: `{key}` is no setting; there are {', '.join(_KEYS)}")
    return {key: value for key, value in said.items() if value not in (None, "")}
