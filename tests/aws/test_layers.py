"""Layers as `sam build` makes them for each processor: how large, and of what code."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.aws import built
from tests.aws.built import LOCAL, ROOT, Built, architecture
from tests.aws.conftest import Told
from tests.support.api import product

BASE = ("DependenciesLayer", "CommonLayer")
MOST_OF_BASE = 60_000_000
"""Bytes, unzipped, of what every function has."""
MOST = 250 * 1024 * 1024
"""Bytes, unzipped, of a function with its layers (Lambda quotas)."""
MACHINES = {"arm64": 183, "x86_64": 62}
"""What ELF calls processors (``e_machine``)."""
NATIVE = ("DependenciesLayer", "PicturesLayer", "SealingLayer", "VideoLayer")
PROCESSORS = tuple(MACHINES)


@pytest.fixture(scope="session")
def made(told: Told) -> Mapping[str, Built]:
    """Build for each processor; the machine's own is where others look for it."""
    folders = {
        processor: LOCAL if processor == architecture() else ROOT / ".aws-sam/other"
        for processor in PROCESSORS
    }
    done = {p: built.build(folder, processor=p) for p, folder in folders.items()}
    told("Layers, unzipped", [line for p in PROCESSORS for line in _lines(p, done[p])])
    return done


def _lines(processor: str, whole: Built) -> list[str]:
    sizes = {layer.name: _size(layer) for layer in _layers(whole)}
    return [
        f"{processor:8} {name:20} {size / 1e6:7.1f} MB" for name, size in sizes.items()
    ]


def _layers(whole: Built) -> list[Path]:
    return sorted({layer for parts in whole.parts.values() for layer in parts.layers})


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("processor", PROCESSORS)
def test_what_every_function_has_is_small(
    processor: str, made: Mapping[str, Built]
) -> None:
    sizes = {layer.name: _size(layer) for layer in _layers(made[processor])}

    assert sum(sizes[name] for name in BASE) < MOST_OF_BASE


@pytest.mark.parametrize("processor", PROCESSORS)
def test_a_function_fits_into_lambda(processor: str, made: Mapping[str, Built]) -> None:
    too_large = {
        function: size
        for function, parts in made[processor].parts.items()
        if (size := sum(map(_size, (parts.code, *parts.layers)))) >= MOST
    }

    assert made[processor].parts.keys() == product().functions.keys()
    assert too_large == {}


@pytest.mark.parametrize("processor", PROCESSORS)
def test_each_processor_has_code_of_its_own(
    processor: str, made: Mapping[str, Built]
) -> None:
    native = {name: {MACHINES[processor]} for name in NATIVE}

    machines = {layer.name: _machines(layer) for layer in _layers(made[processor])}

    assert machines == {"CommonLayer": set(), **native}


def _machines(layer: Path) -> set[int]:
    """Return which processors the programs and shared objects of a layer are for."""
    files = [path for path in layer.rglob("*") if path.is_file()]
    heads = [_head(path) for path in files]
    return {int.from_bytes(h[18:], "little") for h in heads if h.startswith(b"\x7fELF")}


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(20)
