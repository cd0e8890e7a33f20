"""The options of `flaghoist dev`, apart from the command so that reading them imports nothing."""

from pathlib import Path

import msgspec

from flaghoist_cli.client.target import DATA_DIR


class DevSettings(msgspec.Struct, frozen=True):
    """The options of `flaghoist dev`; port 0 takes a free one, and an empty URL means none."""

    origin_port: int = 8000
    edge_port: int = 8787
    data_dir: Path = DATA_DIR
    has_demo: bool = True
    database_url: str = ""
    reloads: bool = False
    is_edge_alone: bool = False
    redis_url: str = ""
    origins: int = 1
    upstream_url: str = ""
