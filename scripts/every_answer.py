#!/usr/bin/env python3
"""What holds for every answer, whatever a model says: that the gate lets it pass, and that quotes are
slices of it.

    scripts/every_answer.py ANSWERS.jsonl... [--viva PATH]

A row is {"question", "answer"}, with "reference" where answers are graded against one; rows whose
labels say "blank" are left out. The model is a script that says yes to everything, so that all there
is to quote is quoted.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import tempfile

# One question for all rows that have no reference: its criteria are those of any story.
STORY = "Tell me about a time you worked with others."


def rows(paths):
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if not row.get("labels", {}).get("blank"):
                    yield row


def asked(row):
    """What a row is graded by: its question and reference."""
    return (row["question"], row["reference"]) if row.get("reference") else (STORY, None)


def graded(viva, home, question, reference, answers):
    """A feedback document for each answer, in order."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=home))
    (folder / "answers").mkdir()
    for n, answer in enumerate(answers):
        (folder / "answers" / f"{n:05}.txt").write_bytes(answer.encode())
    (folder / "yes.json").write_text('{"otherwise": 9.0}')
    command = [viva, "grade", folder / "answers", "--question-text", question]
    command += ["--model", f"script:{folder / 'yes.json'}"]
    if reference:
        (folder / "reference.txt").write_text(reference, encoding="utf-8")
        command += ["--reference", folder / "reference.txt"]
    ran = subprocess.run(
        command, env={"VIVA_HOME": str(home)}, capture_output=True, text=True, check=True
    )
    return [json.loads(line)["feedback"] for line in ran.stdout.splitlines()]


def quotes(feedback):
    for group in ("structure", "looks_for", "key_points", "mistakes"):
        for entry in feedback[group]:
            yield from entry["evidence"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("answers", nargs="+")
    parser.add_argument("--viva", default="target/release/viva")
    args = parser.parse_args()
    groups = collections.defaultdict(list)
    for row in rows(args.answers):
        groups[asked(row)].append(row["answer"])
    gates, all_quotes, wrong = collections.Counter(), 0, 0
    with tempfile.TemporaryDirectory() as home:
        viva = pathlib.Path(args.viva).resolve()
        for (question, reference), answers in groups.items():
            for answer, feedback in zip(
                answers, graded(viva, home, question, reference, answers), strict=True
            ):
                gates[feedback["gate"]["verdict"]] += 1
                said = answer.encode()
                for quote in quotes(feedback):
                    all_quotes += 1
                    wrong += said[quote["start"] : quote["end"]].decode() != quote["quote"]
    print(f"{sum(gates.values())} answers, by gate: {dict(gates)}")
    print(f"{all_quotes} quotes, {wrong} of them no slice of their answer")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
