"""What an installation may configure, all by environment, all with safe defaults."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_data_dir

from assistant.crisis import DEFAULT_COUNTRY
from knowledge.pack import CORE


@dataclass(frozen=True)
class Settings:
    """pack: folder of knowledge (AETIA_PACK). database: SQLAlchemy URL of the sessions
    (AETIA_DATABASE). country: whose emergency numbers are named (AETIA_COUNTRY). images, text: the
    two kinds of decision support, each can be switched off (AETIA_IMAGES=off, AETIA_TEXT=off).
    """

    pack: Path = CORE
    database: str = ""
    country: str = DEFAULT_COUNTRY
    images: bool = True
    text: bool = True
    data: Path = field(default_factory=lambda: Path(user_data_dir("aetia")))

    @classmethod
    def from_environment(cls) -> "Settings":
        """The settings of this process."""
        data = Path(os.environ.get("AETIA_HOME") or user_data_dir("aetia"))
        return cls(
            pack=Path(os.environ.get("AETIA_PACK") or CORE),
            database=os.environ.get("AETIA_DATABASE") or f"sqlite:///{data / 'sessions.sqlite3'}",
            country=os.environ.get("AETIA_COUNTRY") or DEFAULT_COUNTRY,
            images=os.environ.get("AETIA_IMAGES", "on").lower() not in ("off", "0", "false", "no"),
            text=os.environ.get("AETIA_TEXT", "on").lower() not in ("off", "0", "false", "no"),
            data=data,
        )
