"""What a path's words say of what a model learns from, and of what measures it."""

import pytest

from reviewqueue.domain import learning
from reviewqueue.domain.paths import Label, labels


@pytest.mark.parametrize(
    "path",
    [
        "pipeline/corpus/clean/rules.json",
        "src/textkit/dedup/corpus.rs",
        "model/custom_datasets/chat_collator.py",
        "spark/src/main/scala/org/acme/corpus/Cleaner/filter.scala",
        "labeling/aggregate.ts",
        "data/prepare.sh",
        "R/data/split.R",
        "labeling/merge.py",
    ],
)
def test_a_thing_and_what_is_done_with_it_make_a_place_that_prepares(path: str) -> None:
    assert Label.TRAINING in labels(path)


@pytest.mark.parametrize(
    "path",
    [
        "web/src/components/table/filter.ts",
        "src/filters/currency.ts",
        "app/models/sample.rb",
        "lib/handler/deduplication.js",
        "tests/corpus/test_filter.py",
        "docs/corpus/filter.md",
        "src/api/dataset/split.py",
    ],
)
def test_one_word_alone_says_little_and_screens_and_tests_are_something_else(path: str) -> None:
    assert labels(path).isdisjoint({Label.TRAINING, Label.DATASETS})


def test_a_program_about_data_among_other_things_is_told_from_one_that_prepares_it() -> None:
    assert learning.prepares("src/speak/data", "speech.py") == learning.HOLDS
    assert learning.prepares("src/speak/data", "__init__.py") == ""
    assert learning.prepares("src/speak/data", "speech.go") == ""
    assert learning.prepares("survey", "clean.r") == learning.HOLDS
    assert learning.prepares("survey", "clean.py") == ""


@pytest.mark.parametrize(
    "path",
    [
        "agent/judge.py",
        "harness/log_parser.py",
        "training/metrics.py",
        "rater/metrics/faithfulness.py",
        "tau-bench/envs/base.py",
        "kit/ground_truth_utils.py",
        "scripts/evaluate.R",
        "codeplus/webbench.py",
        "promptfooconfig.yaml",
        "src/chat.eval.ts",
        "scripts/run-eval.sh",
        "kit/metrics/normalize.py",
    ],
)
def test_what_judges_is_told_by_its_name_or_its_folder(path: str) -> None:
    assert Label.EVALUATION in labels(path)


@pytest.mark.parametrize(
    "path",
    [
        "service/metrics.py",
        "app/metrics/prometheus.py",
        "workbench/panel.ts",
        "src/upgrade.py",
        "retrieval/index.py",
        "interpreter/evaluate.rs",
        "harness/start.py",
    ],
)
def test_a_services_metrics_and_an_expressions_value_measure_no_model(path: str) -> None:
    assert Label.EVALUATION not in labels(path)
