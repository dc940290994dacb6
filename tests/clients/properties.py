"""Every property that the models of Microsoft's Python SDKs (v1.0 and beta) know is selected here and read back by the SDK:
properties.py PROGRAM. A property that an SDK reads and this server does not know fails."""

import dataclasses
import importlib
import inspect
import json
import ssl
import sys
import urllib.parse
import urllib.request

from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory

from served import Served

# Module and class of each model, and where a list of such entities is.
MODELS = [
    ("managed_device", "ManagedDevice", "deviceManagement/managedDevices"),
    ("user", "User", "users"),
    ("group", "Group", "groups"),
    ("device", "Device", "devices"),
    ("organization", "Organization", "organization"),
]
# Attributes that an SDK reads on every entity, and Graph writes as annotations.
NOTES = {"@odata.type"}


def is_link(package, model, attribute):
    """Does the attribute hold an entity, or a list of entities?"""
    entity = importlib.import_module(f"{package}.generated.models.entity").Entity
    source = next(
        line for base in model.__mro__ if dataclasses.is_dataclass(base)
        for line in inspect.getsource(base).splitlines() if line.strip().startswith(f"{attribute}: ")
    )
    name = source.split("Optional[", 1)[1].rsplit("]", 1)[0].removeprefix("list[").rstrip("]")
    if not name[0].isupper():
        return False
    module = "".join(f"_{c.lower()}" if c.isupper() and at else c.lower() for at, c in enumerate(name))
    for candidate in (module, module.replace("_p_c", "_pc")):
        try:
            kind = getattr(importlib.import_module(f"{package}.generated.models.{candidate}"), name)
        except (ImportError, AttributeError):
            continue
        return inspect.isclass(kind) and issubclass(kind, entity)
    # Models of other folders are all entities.
    return True


def fetch(served, token, path):
    trust = ssl.create_default_context(cafile=served.certificate)
    request = urllib.request.Request(f"{served.secure}/{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, context=trust) as answer:
        return answer.read()


def attribute_of(read):
    """The attribute that a deserializer sets: the only text in its code."""
    return next(name for name in read.__code__.co_consts if isinstance(name, str))


def main(program):
    with Served(program) as served:
        token = served.token("--as", "administrator")
        total = 0
        for edition, package in (("v1.0", "msgraph"), ("beta", "msgraph_beta")):
            for module, name, path in MODELS:
                model = getattr(importlib.import_module(f"{package}.generated.models.{module}"), name)
                known = {key: read for key, read in model().get_field_deserializers().items() if key not in NOTES}
                names = sorted(known)
                links = {key for key in names if is_link(package, model, attribute_of(known[key]))}
                select = urllib.parse.quote(",".join(names))
                raw = json.loads(fetch(served, token, f"{edition}/{path}?$top=3&$select={select}"))
                assert raw["value"], f"{edition} {path} is empty"
                for entity in raw["value"]:
                    missing = set(names) - links - set(entity)
                    assert not missing, f"{edition} {name}: {sorted(missing)} did not come back"
                    text = json.dumps(entity).encode()
                    node = JsonParseNodeFactory().get_root_parse_node("application/json", text)
                    parsed = node.get_object_value(model)
                    assert parsed.id == entity["id"], entity
                    for key in set(names) - links:
                        value = getattr(parsed, attribute_of(known[key]))
                        is_read = value is not None or entity[key] is None
                        assert is_read, f"{edition} {name}: the SDK reads nothing from {key}: {entity[key]!r}"
                total += len(names)
        print(f"{total} properties of {len(MODELS)} types in two editions are selected and read back")


if __name__ == "__main__":
    main(sys.argv[1])
