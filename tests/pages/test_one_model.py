"""No field is declared, drawn or called twice: one input for each verb, drawn by the one form component, each field once."""

import ast
import inspect
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from crm.services import inputs
from dashboard.components.lines import line_model, lists
from tests.pages.every_form import WHERE, found, models, service_modules
from tests.pages.product import Product

DASHBOARD = Path(__file__).parents[2] / "dashboard"

PARTIAL = {"claim-contact"}
"""Forms beside another one, which has the rest of their input typed already."""


def _inputs_of(verb: Any) -> list[type[inputs.Input]]:
    taken = [parameter.annotation for parameter in inspect.signature(verb).parameters.values()]
    return [model for model in taken if isinstance(model, type) and issubclass(model, inputs.Input)]


def _verbs(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, verb in vars(module).items():
        if inspect.isfunction(verb) and verb.__module__ == module.__name__:
            yield f"{module.__name__}.{name}", verb


def test_a_verb_takes_one_input_and_each_input_belongs_to_a_verb() -> None:
    taken = {name: _inputs_of(verb) for module in service_modules() for name, verb in _verbs(module)}
    assert {name: found for name, found in taken.items() if len(set(found)) > 1} == {}
    used = {model for found in taken.values() for model in found}
    lines = {line_model(model, name) for model in models() for name in lists(model)}
    dictionaries = {model for model in models() if model.__module__ == "crm.services.dictionaries"}  # their verbs take any of them
    assert {model.__name__ for model in models() - used - lines - dictionaries if not model.__subclasses__()} == set()


def test_no_two_inputs_declare_the_same_fields() -> None:
    """Where two verbs are told the same, the one declaration is inherited."""
    alike: dict[Any, list[str]] = defaultdict(list)
    for model in models():
        declared = tuple(sorted(name for name in vars(model).get("__annotations__", {}) if name in model.model_fields))
        if declared:
            fields = [(name, model.model_fields[name]) for name in declared]
            said = tuple((name, str(info.annotation), str(info.metadata), str(info.json_schema_extra)) for name, info in fields)
            alike[said].append(model.__name__)
    assert [names for names in alike.values() if len(names) > 1] == []


def test_every_field_says_what_it_is_called() -> None:
    for model in models():
        for name, info in model.model_fields.items():
            assert isinstance(info.json_schema_extra, dict), (model, name)
            assert info.json_schema_extra["label"], (model, name)


def test_a_form_draws_each_field_of_its_input_once(product: Product) -> None:
    for key, (login, _address) in WHERE.items():
        form, model = found(product.visitor(login), key), product.forms[key]
        drawn = Counter(form.drawn)
        assert all(count == 1 for count in drawn.values()), (key, drawn)
        assert drawn.keys() <= model.model_fields.keys(), key
        assert drawn.keys() == model.model_fields.keys() - set(lists(model)) or key in PARTIAL, key


def test_only_the_form_component_draws_fields() -> None:
    """No page and no callback makes a control with the id of a form's field."""
    others = [path for part in ("pages", "callbacks") for path in (DASHBOARD / part).rglob("*.py")]
    made = [f"{path.name}:{call.lineno}" for path in others for call in _controls(ast.parse(path.read_text()))]
    assert made == []


def _controls(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls of `dcc` whose id is one of a form."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "dcc":
            id = next((word.value for word in call.keywords if word.arg == "id"), None)
            keys = [key.value for key in id.keys if isinstance(key, ast.Constant)] if isinstance(id, ast.Dict) else []
            if "form" in keys and {"field", "day", "line"} & set(keys):
                yield call
