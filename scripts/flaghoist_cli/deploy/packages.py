"""An upload by packages, for people: its hundreds of modules in a few lines."""

from collections.abc import Iterable

import msgspec

from flaghoist_cli.build.wrangler import VENDORED_FOLDER, UploadedModule

OTHERS = "others"
MOST_PACKAGES = 4


class UploadedPackage(msgspec.Struct, frozen=True):
    """A package of the Worker: how many modules it has, and their size."""

    name: str
    modules: int
    bytes: int


def packages_of(modules: Iterable[UploadedModule]) -> tuple[UploadedPackage, ...]:
    """Return the largest packages, the largest first, then all others together, with modules that are in none."""
    sizes: dict[str, list[int]] = {OTHERS: []}
    for module in modules:
        sizes.setdefault(_package(module.name), []).append(module.bytes)
    others = sizes.pop(OTHERS)
    ordered = sorted(sizes.items(), key=lambda package: -sum(package[1]))
    others += [size for _, rest in ordered[MOST_PACKAGES:] for size in rest]
    shown = [*ordered[:MOST_PACKAGES], *([(OTHERS, others)] if others else [])]
    return tuple(UploadedPackage(name, len(found), sum(found)) for name, found in shown)


def _package(module: str) -> str:
    """Return the folder that a module is in, without the version that the metadata of a wheel has in its name."""
    folder, separator, _ = module.removeprefix(f"{VENDORED_FOLDER}/").partition("/")
    return folder.partition("-")[0] if separator else OTHERS
