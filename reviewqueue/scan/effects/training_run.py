r"""Which data a training run is given: names, files and weights in what sets the run up.

A run's settings stand in a file that says how it learns, too (an optimizer, a rate, a batch),
whatever the file is called. Its data are then known by the key they stand under, or by how
they are written: the file of a corpus, a place in a store, `owner/name` of a hub.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Line, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.outline import Entry, outline
from reviewqueue.scan.structure.pairs import Pair, finds, pairs_losing

NAMED = (
    r"(?i)\bdata_?sets?(?:_?(?:name|path|paths|dir|mix\w*|id|split|config\w*|weights?|probs?|"
    r"sources?|repo))?['\"]?[ \t]*(?:[:=]|[ ]['\"\w$/])[ \t]*\S|"
    r"\btrain(?:ing)?_?(?:data|files?|paths?|corpus|corpora)\w*['\"]?[ \t]*(?:[:=]|[ ]['\"\w$/])|"
    r"\bdata_?(?:path|files?|prefix|dir|blend)s?['\"]?[ \t]*(?:[:=]|[ ]['\"\w$/])"
)
"""A run's data by name, in a program or a command: a trigger."""
TAKES = (
    r"(?i)(?:data_?sets?|train_?ds|train_?(?:set|data)|corpus|examples|samples)"
    r"(?:\[['\"]\w+['\"]\])?\.(?:filter|select|take|skip|train_test_split|sample)\("
)
"""A taking of some of the examples: a trigger."""
_KEY = (
    r"(?i)(data_?sets?(?:_?\w+)?|train(?:ing)?_?(?:data|files?|paths?|corpus|corpora)\w*|"
    r"data_?(?:path|files?|prefix|dir|blend)s?)['\"]?\]?[ \t]*[:=]?[ \t]*['\"]([^'\"\n]+)['\"]|"
    r"--(data_?-?sets?[\w-]*|train[_-](?:data|files?|paths?)\w*|data[_-](?:path|files?|prefix|dir)s?)"
    r"[ =]['\"]?([^\s'\"\\]+)|"
    r"^[ \t]*(?:export[ ])?(DATA_?SETS?\w*|TRAIN_?(?:DATA|FILES?|PATHS?)\w*|"
    r"DATA_?(?:PATH|FILES?|DIR)S?)=['\"]?([^\s'\"$]+)"
)
_LEARNS = (
    r"(?i)\b(learning_?rate|lr|optimizer\w*|adamw?\w*|\w*batch_?size\w*|per_device_train\w*|"
    r"num_(?:train_)?epochs|n?_?epochs|warmup\w*|weight_decay|gradient_\w+|q?lora\w*|base_model\w*|"
    r"model_name_or_path|tokenizer\w*|max_seq_?len\w*|seq(?:uence)?_?len\w*|max_steps|save_steps|"
    r"bf16|fsdp\w*|deepspeed|dataset_mixer|grad_norm|\w*clip_grad\w*|lr_scheduler\w*|torchrun|"
    r"accelerate|SFTTrainer|trainer|drop_last|num_workers|pin_memory|prefetch_factor|"
    r"persistent_workers|run_name|save_folder|max_duration|pad_direction|val_set_size|chat_template|block_size|dropout|n_layers?)\b"
)
_PLACE = (
    r"(?i)(?:^|[/_.-])(?:train(?:ing|er)?|pre_?train\w*|fine_?-?tun\w*|sft|rlhf|dpo|grpo|ppo|lora|"
    r"qlora|recipes?)(?:[/_.-]|$)"
)
_DATA_KEY = (
    r"(?i)^(?:\w*data_?sets?(?:_\w+)?|data|train(?:ing)?_?(?:data|files?|paths?|corpus|corpora|set)"
    r"\w*|data_?(?:mix\w*|path|files?|prefix|dir|blend|sources?|weights?|probs?)s?|mixtures?\w*|corpora|corpus|paths|"
    r"blend|train)$"
)
_OTHERWISE = (
    r"(?i)^(?:\w*(?:output|cache|save|log|ckpt|checkpoint|prepared|eval|valid\w*|test|dev|"
    r"tokenizer|processor|model)\w*|type|format|conversation|seed|split|num_\w+|shuffle\w*|name_|"
    r"chat_template|field\w*|column\w*|revision|streaming|drop_last|pin_memory|\w*workers\w*|"
    r"_target_|\w*prompt\w*|message\w*|role\w*|train_on\w*|strategy|\w*batch\w*|\w*len\w*)$"
)
_DATA_FILE = (
    r"(?i)\.(?:npy|npz|jsonl?|jsonl?\.(?:gz|zst)|parquet|arrow|tfrecords?|bin|idx|mds|csv|tsv|txt|"
    r"tar|zst)$|^(?:hf|s3|gs|gcs|r2|weka|abfss?|https?|wasbs?)://|^[\w.-]+/[\w.-]+$|^/\S+$"
)
_NUMBER = r"^\d*\.?\d+$"
_LEAST = 2
"""Words of how a run learns that say that a file sets one up, where its place does not."""
_SETTINGS = (".yaml", ".yml", ".json", ".toml", ".jsonnet", ".jsonc")


def is_run(file: FileView) -> bool:
    """Return whether what is shown of a file sets a training run up."""
    said = {bytes(word).lower() for word in expression(_LEARNS).findall(shown(file))}
    least = 1 if finds(_PLACE)(file.path.encode("utf-8", "replace")) else _LEAST
    return len(said) >= least


def given(file: FileView) -> Iterator[tuple[Entry, Side]]:
    """Yield the first datum that a run's settings newly have, or no longer, beside others."""
    if not file.path.casefold().endswith(_SETTINGS):
        return
    learns = is_run(file)
    if not (learns or b"train" in shown(file).lower()):
        return
    before, after = (
        [entry for entry in outline(file, side) if _is_datum(entry) and (learns or _trains(entry))]
        for side in (Side.OLD, Side.NEW)
    )
    old, new = ({_identity(entry) for entry in entries} for entries in (before, after))
    if not (old and new):
        return
    for entries, others, side in ((after, old, Side.NEW), (before, new, Side.OLD)):
        for entry in entries:
            if entry.is_changed and _identity(entry) not in others:
                yield entry, side
                return


def taken(file: FileView) -> Iterator[Line]:
    """Yield the new lines by which a program that learns takes some of its examples."""
    if is_run(file):
        yield from (line for line in file.new(TAKES) if not is_comment(line.whole))


def exchanged(file: FileView) -> Iterator[Pair]:
    """Yield the lines of a program or a command by which a run is given other data."""
    pairs = [pair for pair in pairs_losing(file, NAMED) if not is_comment(pair.new)]
    if not pairs or not is_run(file):
        return
    for pair in pairs:
        was, now = _named(pair.old), _named(pair.new)
        if any(key in now and now[key] != value for key, value in was.items()):
            yield pair


def _named(text: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for groups in expression(_KEY).findall(text):
        key, value = [group for group in groups if group][:2]
        found[bytes(key).lower()] = bytes(value)
    return found


def _identity(entry: Entry) -> tuple[tuple[str, ...], str]:
    return entry.under[-2:], entry.value


def _trains(entry: Entry) -> bool:
    """Return whether the keys of an entry alone say that a model learns from it."""
    names = [name.encode() for name in entry.under]
    return b"train" in names and any(map(finds(r"^(?:data_?sets?|corpora|data_?mix\w*)$"), names))


def _is_datum(entry: Entry) -> bool:
    """Return whether an entry names data, or says how much one counts."""
    names = [name.encode() for name in entry.under]
    if not entry.value or not names or any(map(finds(_OTHERWISE), names)):
        return False
    above, value = any(map(finds(_DATA_KEY), names)), entry.value.encode()
    if finds(_NUMBER)(value):
        is_weight = finds(r"(?i)weight|ratio|prob|^[\w.-]+/[\w.-]+$|\.(?:npy|jsonl?|bin)$")
        return above and is_weight(names[-1])
    is_named = finds(_DATA_KEY)(names[-1]) and finds(r"^[\w./:@-]{3,}$")(value)
    return (above and finds(_DATA_FILE)(value)) or is_named
