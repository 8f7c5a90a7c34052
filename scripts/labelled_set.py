#!/usr/bin/env python3
"""Puts the labelled answers of tests/labelled together, and checks them.

A file holds the stories of one question, each in parts that say what they show, and answers made of
those parts; so an answer's labels follow from how it was made. The files in `whole` hold answers that
were labelled as they are. A quarter of these that are fitted to come a second time with words of `noise.json`
in them that change no label: talk about other things, or orders to whoever judges. Written out all of it
is what `viva eval` reads: answers with a label for each statement, and for those that are fitted to and
for the words of `noise.json` what is beside the point, behind the bank's question, follow-ups and the
wordings of `asked.json`.

    scripts/labelled_set.py                 # check all files
    scripts/labelled_set.py FILE...         # check these, with a table of what each answer shows
    scripts/labelled_set.py --write FOLDER  # fit.jsonl, asides.jsonl and test.jsonl
"""

import hashlib
import json
import pathlib
import random
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
BANK = ROOT / "knowledge"
FOLDER = ROOT / "tests" / "labelled"
CONSTRUCTS = {
    "full", "no-result", "no-number", "no-alternatives", "all-we", "blames", "no-lesson",
    "off-question", "buzzwords", "padded", "partial", "answered", "dodged",
}
WORDS = (40, 300)
# How many words of noise make one answer, and behind how many wordings of its question it is put.
TOGETHER, WORDINGS = 8, 5


def load(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def statements(question):
    """The statements of a question: `subject/number` with its wording, steps first."""
    bank = load(BANK / "questions" / f"{question}.toml")
    framework = load(BANK / "frameworks" / f"{bank['framework']}.toml")
    found = {}

    def add(subject, own):
        shared = BANK / "criteria" / f"{own.get('use')}.toml"
        base = load(shared) if "use" in own else {}
        for n, statement in enumerate(own.get("statements", base.get("statements", []))):
            found[f"{subject}/{n}"] = statement["wordings"][0]

    for step in framework["steps"]:
        add(step["id"], step)
    for criterion in bank.get("looks_for", []) + bank.get("key_points", []):
        add(criterion.get("id", criterion.get("use")), criterion)
    for mistake in bank.get("mistakes", []):
        if mistake["form"] == "said":
            add(mistake["id"], mistake)
    return found


class Faults(list):
    def expect(self, holds, what):
        if not holds:
            self.append(what)


def compose(name, source, faults):
    """The answers of one file as rows, with everything that is wrong with it in `faults`."""
    known = statements(source["question"])
    stories = {story["id"]: story for story in source["stories"]}
    for story in stories.values():
        for part in story["parts"]:
            for label in part.get("shows", []) + part.get("maybe", []):
                faults.expect(label in known, f"{name}: {story['id']}/{part['id']}: no {label}")
    for answer in source["answers"]:
        where = f"{name}: {answer['story']}/{answer['id']}"
        faults.expect(answer["construct"] in CONSTRUCTS, f"{where}: {answer['construct']}?")
        parts = {part["id"]: part for part in stories[answer["story"]]["parts"]}
        turns = answer.get("turns") or [{"parts": answer["parts"]}]
        for n, turn in enumerate(turns):
            faults.expect(("asked" in turn) == (n > 0), f"{where}: turn {n + 1}: `asked`")
            for part in turn["parts"]:
                faults.expect(part in parts, f"{where}: no part {part}")
        said = [[parts[part] for part in turn["parts"] if part in parts] for turn in turns]
        yield row(source, answer, turns, said, known, faults, where)


def row(source, answer, turns, said, known, faults, where):
    texts = [" ".join(part["text"].strip() for part in turn) for turn in said]
    words = sum(len(text.split()) for text in texts)
    faults.expect(WORDS[0] <= words <= WORDS[1], f"{where}: {words} words")
    all_parts = [part for turn in said for part in turn]
    labels = []
    for label in known:
        shown = [part["text"].strip() for part in all_parts if label in part.get("shows", [])]
        maybe = any(label in part.get("maybe", []) for part in all_parts)
        subject, number = label.rsplit("/", 1)
        holds = True if shown else None if maybe else False
        labels.append({"subject": subject, "statement": int(number), "holds": holds, "quotes": shown})
    return {
        "id": f"{source['question']}/{answer['story']}/{answer['id']}",
        "question": source["question"],
        "turns": [
            {"asked": turn.get("asked"), "answer": text} for turn, text in zip(turns, texts)
        ],
        "labels": {"construct": answer["construct"], "split": source["split"], "statements": labels},
    }


def whole(path, noise):
    """The answers of a file in which each is whole and labelled by hand."""
    source = json.loads(path.read_text(encoding="utf-8"))
    split, sort = source.get("split", "fit"), source.get("construct", "whole")
    for answer in source["answers"]:
        labels = [
            {
                "subject": label["subject"],
                "statement": label["statement"],
                "holds": label["holds"],
                "quotes": [label["sentence"]] if label["holds"] and "sentence" in label else [],
            }
            for label in answer["labels"]
        ]
        name = f"{source['question']}/{sort}/{answer['id']}"
        texts = {(name, sort): answer["text"]}
        if split == "fit" and random.Random(f"{name} noisy").random() < 0.25:
            texts[f"{name}-noisy", "noisy"] = noisy(name, answer["text"], noise)
        for (id_, construct), text in texts.items():
            yield {
                "id": id_,
                "question": source["question"],
                "turns": [{"asked": None, "answer": text}],
                "labels": {"construct": construct, "split": split, "statements": labels},
            }


def noisy(name, text, noise):
    """The text with sentences that do not belong there, and these: three to eight about other things or
    three orders, together at its beginning, at the end of one of its sentences, or at its end. Always the
    same for a name."""
    chance = random.Random(name)
    sort = chance.choice(["idle", "orders"])
    asides = chance.sample(noise[sort], chance.randint(3, 8) if sort == "idle" else 3)
    words = " ".join(asides)
    ends = [0] + [m.end() for m in re.finditer(r"[.!?](?= )", text)] + [len(text)]
    at = chance.choice([0, chance.choice(ends), len(text)])
    return " ".join(piece for piece in (text[:at].strip(), words, text[at:].strip()) if piece)


def mistakes(question):
    return {m["id"] for m in load(BANK / "questions" / f"{question}.toml").get("mistakes", [])}


def to_the_point(rows, asked):
    """What is to the point in rows: each turn behind what was asked, and half of the first ones behind
    another wording of the question as well."""
    for row in rows:
        question, chance = row["question"], random.Random(row["id"])
        made = mistakes(question)
        told = [l for l in row["labels"]["statements"] if l["holds"] and l["subject"] not in made]
        for n, turn in enumerate(row["turns"]):
            shows = sorted({quote for label in told for quote in label["quotes"] if quote in turn["answer"]})
            words = [turn["asked"] or asked[question][0]]
            if n == 0 and chance.random() < 0.5:
                words.append(chance.choice(asked[question][1:]))
            for m, wording in enumerate(words if shows else []):
                yield talk(f"{row['id']}/{n}/{m}", question, wording, turn["answer"], shows, [])


def beside_it(noise, asked, follow_ups):
    """What is beside the point: words of noise behind one question each, in several wordings and as an
    answer to a follow-up."""
    for sort, all_words in noise.items():
        words = random.Random(sort).sample(all_words, len(all_words))
        groups = [words[i:i + TOGETHER] for i in range(0, len(words), TOGETHER)]
        for n, group in enumerate(groups):
            question = sorted(asked)[n % len(asked)]
            chance = random.Random(f"{sort} {n}")
            wordings = asked[question][:1] + chance.sample(asked[question][1:], WORDINGS - 2)
            wordings.append(chance.choice(follow_ups.get(question, asked[question][1:])))
            for m, wording in enumerate(wordings):
                yield talk(f"{sort}/{n}/{m}", question, wording, " ".join(group), [], group)


def talk(id_, about, asked, answer, shows, asides):
    return {"id": id_, "about": about, "asked": asked, "answer": answer, "shows": shows, "asides": asides}


def asides(rows, noise, asked):
    """What `--fit=asides` reads."""
    rows = [r for r in rows if r["labels"]["split"] == "fit" and r["labels"]["construct"] != "noisy"]
    asked = {
        question: [load(BANK / "questions" / f"{question}.toml")["say"], *asked[question]]
        for question in sorted({row["question"] for row in rows})
    }
    follow_ups = {}
    for row in rows:
        for turn in row["turns"][1:]:
            follow_ups.setdefault(row["question"], []).append(turn["asked"])
    return [*to_the_point(rows, asked), *beside_it(noise, asked, follow_ups)]


def table(rows):
    """Which answers show what, for the eye of who wrote them."""
    for row in rows:
        held = [f"{l['subject']}/{l['statement']}" for l in row["labels"]["statements"] if l["holds"]]
        open_ = [f"{l['subject']}/{l['statement']}" for l in row["labels"]["statements"] if l["holds"] is None]
        words = sum(len(turn["answer"].split()) for turn in row["turns"])
        print(f"{row['id']} ({row['labels']['construct']}, {words} words, {len(row['turns'])} turns)")
        print(f"    shows {', '.join(held) or 'nothing'}")
        if open_:
            print(f"    undecided {', '.join(open_)}")


def write(folder, name, rows):
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(arguments):
    faults, rows = Faults(), []
    writing = arguments[:1] == ["--write"]
    named = [] if writing else [pathlib.Path(a) for a in arguments]
    noise, asked = (
        json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("noise.json", "asked.json")
    )
    for path in named or sorted(FOLDER.glob("*.toml")):
        made = list(compose(path.name, load(path), faults))
        rows += made
        if named:
            table(made)
    if not named:
        for path in sorted((FOLDER / "whole").glob("*.json")):
            rows += whole(path, noise)
    ids = [row["id"] for row in rows]
    faults.expect(len(ids) == len(set(ids)), "an id occurs twice")
    for fault in faults:
        print(fault, file=sys.stderr)
    # In an order of chance that no other row changes, so that the first answers to a question are a
    # fair sample of them.
    rows.sort(key=lambda row: hashlib.sha256(row["id"].encode()).hexdigest())
    if writing:
        folder = pathlib.Path(arguments[1])
        folder.mkdir(parents=True, exist_ok=True)
        for split in ("fit", "test"):
            write(folder, f"{split}.jsonl", [row for row in rows if row["labels"]["split"] == split])
        write(folder, "asides.jsonl", asides(rows, noise, asked))
    several = sum(len(row["turns"]) > 1 for row in rows)
    print(f"{len(rows)} answers, {several} of several turns, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
