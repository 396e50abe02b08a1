"""Which language model is switched on, by environment; none by default."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.errors import AetiaError

_DTYPES = ("auto", "float32", "float16", "bfloat16")


class BadModelSetting(AetiaError):
    """A setting of the language model that cannot be used."""


@dataclass(frozen=True)
class ModelSettings:
    """base_url: of an OpenAI-compatible server, up to `/v1` (AETIA_LLM_BASE_URL). model: its name there
    (AETIA_LLM_MODEL). key: sent as bearer token, from the environment alone (AETIA_LLM_API_KEY). path:
    folder of a transformers causal model that runs here instead (AETIA_LLM_PATH), with dtype, device, int8
    (AETIA_LLM_DTYPE, AETIA_LLM_DEVICE, AETIA_LLM_INT8=on). context: tokens that prompt and answer may
    take together (AETIA_LLM_CONTEXT).
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
    def from_environment(cls) -> "ModelSettings":
        """The settings of this process. Raises BadModelSetting."""
        get = os.environ.get
        context = get("AETIA_LLM_CONTEXT") or "4096"
        if not context.isdecimal() or int(context) < 1024:
            raise BadModelSetting(
                f"AETIA_LLM_CONTEXT is `{context}`; it must be a number of tokens from 1024"
            )
        path = get("AETIA_LLM_PATH")
        return cls(
            base_url=(get("AETIA_LLM_BASE_URL") or "").rstrip("/"),
            model=get("AETIA_LLM_MODEL") or "",
            key=get("AETIA_LLM_API_KEY") or "",
            path=Path(path) if path else None,
            dtype=get("AETIA_LLM_DTYPE") or "auto",
            device=get("AETIA_LLM_DEVICE") or "cpu",
            int8=(get("AETIA_LLM_INT8") or "off").lower() in ("on", "1", "true", "yes"),
            context=int(context),
        )
