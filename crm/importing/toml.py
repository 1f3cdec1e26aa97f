"""Writing TOML, which the standard library only reads: texts, lists of texts, tables, and lists of tables."""

import json
import re
from collections.abc import Mapping
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")


def dump(content: Mapping[str, Any], path: str = "") -> str:
    """`content` as TOML: plain entries first, tables behind them under their full names."""
    plain = {key: value for key, value in content.items() if not _is_table(value)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    blocks = ["\n".join(lines) + "\n"] if lines else []
    for key, value in content.items():
        where = f"{path}.{_key(key)}" if path else _key(key)
        if isinstance(value, Mapping):
            blocks.append(f"[{where}]\n{dump(value, where)}")
        elif _is_table(value):
            blocks += [f"[[{where}]]\n{dump(table, where)}" for table in value]
    return "\n".join(blocks)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(one, Mapping) for one in value))


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    # JSON's escapes are TOML's, but for one control character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
