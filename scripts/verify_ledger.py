#!/usr/bin/env python3
"""Verify an exported ledger with the standard library alone.

python3 verify_ledger.py LEDGER.jsonl [SEQ:HASH]   (the head of a report, kept elsewhere)
"""

import hashlib
import json
import sys
from pathlib import Path


def verify(path: str, head: str = "") -> str:
    """Return the ledger's head as SEQ:HASH; exits with the first line that is wrong."""
    seq, last, seen = 0, "0" * 64, not head
    with Path(path).open(encoding="ascii") as lines:
        for number, line in enumerate(lines, 1):
            event = json.loads(line)
            if json.dumps(event, sort_keys=True, separators=(",", ":")) + "\n" != line:
                sys.exit(f"line {number}: not canonical")
            stated, previous = event.pop("hash"), event.pop("previous")
            text = previous + json.dumps(event, sort_keys=True, separators=(",", ":"))
            if event["seq"] != number or previous != last:
                sys.exit(f"line {number}: does not follow the line before it")
            if hashlib.sha256(text.encode()).hexdigest() != stated:
                sys.exit(f"line {number}: its hash does not match")
            seq, last = number, stated
            seen = seen or f"{seq}:{last}" == head
    return f"{seq}:{last}" if seen else sys.exit(f"the head {head} is not in it")


if __name__ == "__main__":
    print("sound, head", verify(*sys.argv[1:]))
