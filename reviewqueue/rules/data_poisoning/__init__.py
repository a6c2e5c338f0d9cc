"""Training, labelling and evaluation data made wrong.

What it is
    What a model learns from, or is measured on, is changed so that it learns or shows the wrong
    thing: labels flipped, rows added, filters or weights moved, evaluation cases leaked into
    training. The code stays as it was.

Rules
    They know data sets, labels, loaders, splits and pipelines by their paths and by the calls
    that read them, and look at what decides which rows there are and what they say: joins,
    conditions, deduplication, sampling, weights, schemas, migrations that rewrite rows, records
    edited in bulk, evaluation sets named by training code.

Examples
    A filter of a pipeline that keeps more than before:

        dbt/models/marts/train_examples.sql
        - where quality_score > 0.8 and not is_test_user
        + where quality_score > 0.1

    Labels that change sides:

        data/train/labels.jsonl
        - {"id": 71, "text": "wire the funds today", "label": "unsafe"}
        + {"id": 71, "text": "wire the funds today", "label": "safe"}

What it cannot see
    Whether a label or a number is wrong. The rules say that records changed, how many and
    where; only somebody who knows the data can say whether they should have.

    The content of Parquet, Arrow, archives and other binary data: it is named as unread, not
    read. Nor data behind a pointer (LFS, DVC, a bucket, a hub's revision): only that the
    pointer moved.

    Rows in a database. A migration's statements are seen, what they meet is not; a backfill
    run by hand leaves no diff.

    Poison that is written well: a few plausible new examples with a trigger in them look like
    new examples.

    Who fed a web page, a feed or a user's input from which the data is collected.
"""
