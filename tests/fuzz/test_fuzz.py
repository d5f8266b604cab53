"""Runs the fuzzer with a fixed number of seeds; `-m tests.fuzz` runs any number."""

import pytest

from tests.fuzz.running import bench_in, tried
from tests.fuzz.targets import TARGETS, Bench, Target

EXAMPLES = {"answers": 400, "headers": 400, "plans": 200, "toml": 150, "states": 60, "snapshots": 25, "cells": 12}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench_in(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_what_is_wrong_ends_in_a_sentence(target: Target, bench: Bench) -> None:
    for seed in range(EXAMPLES.get(target.__name__, 40)):
        tried(target, bench, seed)
