"""One target under atheris, which watches what our code does with a file and keeps the files that take it to new places.

python tests/fuzz/guided.py TARGET FOLDER SECONDS
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import atheris

warnings.simplefilter("ignore")
with atheris.instrument_imports(include=["hotspot"]):
    from targets import ran, seeds


def main() -> None:
    """Run the target for so many seconds; a crash leaves its file in the folder and ends with another exit code than 0."""
    target, folder, seconds = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        "-print_final_stats=1",
        f"-artifact_prefix={folder}/",
        "-rss_limit_mb=2500",
        "-timeout=25",
    ]
    atheris.Setup([sys.argv[0], *options, "-max_len=20000", str(corpus)], lambda content: ran(target, content) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
