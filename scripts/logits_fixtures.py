#!/usr/bin/env python3
"""Writes what llama.cpp computes, for tests/engine_reference.rs to compare with.

    python3 -m venv venv
    venv/bin/pip install numpy llama-cpp-python==0.3.36
    cargo test --test engine_reference -- --ignored write_tiny_models
    venv/bin/python scripts/logits_fixtures.py --tiny target/tiny-models
    venv/bin/python scripts/logits_fixtures.py --tokens 384 MODEL.gguf...

Of the tiny models of random weights, tests/fixtures/reference/tiny.json holds every logit of every
position. Of a real model, tests/fixtures/reference/<model>.json holds the ids of the first tokens
of text.txt beside it, the perplexity over them, and the likeliest next tokens at some positions.

Everything is computed at once, on the CPU, with keys and values as floats.
"""

import argparse
import ctypes
import json
import math
import pathlib
import sys

try:
    import llama_cpp
    import numpy
except ImportError as error:
    sys.exit(f"{error.name} is missing: see the top of this file for how to install it")

FOLDER = pathlib.Path(__file__).parent.parent / "tests" / "fixtures" / "reference"
REFERENCE = f"llama-cpp-python {llama_cpp.__version__}"

TINY_TOKENS = 24
"""As many tokens as the tiny models are fed; more than their windows hold."""

EVERY = 16
"""The positions of a real model of which the likeliest tokens are kept lie so far apart."""


def quiet(_level, _text, _data):
    """Drops what llama.cpp logs."""


QUIET = llama_cpp.llama_log_callback(quiet)


class Model:
    """A model of llama.cpp's."""

    def __init__(self, path):
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = 0
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        if not self.model:
            sys.exit(f"{path}: llama.cpp cannot load it")
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.model)

    def tokenize(self, text):
        """The ids of a text, with BOS where the vocabulary asks for it."""
        data = text.encode()
        ids = (llama_cpp.llama_token * (len(data) + 8))()
        count = llama_cpp.llama_tokenize(
            self.vocabulary, data, len(data), ids, len(ids), True, False)
        return list(ids[:count])

    def logits(self, tokens, context=None):
        """The logits of every position, computed with room for `context` tokens."""
        context = self.context(max(context or 0, len(tokens)), len(tokens))
        batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for at, token in enumerate(tokens):
            batch.token[at], batch.pos[at], batch.logits[at] = token, at, 1
            batch.n_seq_id[at], batch.seq_id[at][0] = 1, 0
        if llama_cpp.llama_decode(context, batch) != 0:
            sys.exit("llama.cpp could not compute the logits")
        size = llama_cpp.llama_vocab_n_tokens(self.vocabulary)
        rows = [self.row(context, at, size) for at in range(len(tokens))]
        llama_cpp.llama_batch_free(batch)
        llama_cpp.llama_free(context)
        return numpy.array(rows)

    def context(self, room, count):
        """A context that keeps keys and values as they are."""
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = room
        params.n_batch = params.n_ubatch = count
        params.type_k = params.type_v = llama_cpp.GGML_TYPE_F32
        params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.n_threads = params.n_threads_batch = 2
        return llama_cpp.llama_init_from_model(self.model, params)

    @staticmethod
    def row(context, at, size):
        """The logits of one position."""
        pointer = llama_cpp.llama_get_logits_ith(context, at)
        values = ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float * size)).contents
        return numpy.array(values, dtype=numpy.float64)


def tiny_tokens(vocabulary):
    """As tests/common/tiny.rs has them."""
    return [(n * n * 7 + n * 3 + 1) % vocabulary for n in range(TINY_TOKENS)]


def tiny(folder):
    """The logits of every tiny model."""
    models = {}
    for path in sorted(folder.glob("*.gguf")):
        model = Model(path)
        tokens = tiny_tokens(llama_cpp.llama_vocab_n_tokens(model.vocabulary))
        # A name such as phi3@512 asks for that much room: it decides how Phi-3 rotates.
        _, _, room = path.stem.partition("@")
        logits = model.logits(tokens, int(room) if room else None)
        models[path.stem] = [[float(f"{x:.6g}") for x in row] for row in logits]
    if not models:
        sys.exit(f"{folder} holds no models: see the top of this file")
    lists = ",\n".join(f'"{name}": [\n{lines(rows)}\n]' for name, rows in models.items())
    text = f'{{"reference": {json.dumps(REFERENCE)}, "models": {{\n{lists}\n}}}}\n'
    (FOLDER / "tiny.json").write_text(text)


def real(path, count):
    """What a real model makes of the text."""
    model = Model(path)
    text = (FOLDER / "text.txt").read_text()
    tokens = model.tokenize(text)[:count]
    logits = model.logits(tokens)
    top = logits.max(axis=1, keepdims=True)
    log_sums = numpy.log(numpy.exp(logits - top).sum(axis=1)) + top[:, 0]
    losses = [log_sums[at] - logits[at, token] for at, token in enumerate(tokens[1:])]
    head = {
        "reference": REFERENCE,
        "perplexity": float(f"{math.exp(sum(losses) / len(losses)):.7g}"),
        "tokens": tokens,
    }
    places = [place(logits[at], at) for at in range(EVERY - 1, len(tokens), EVERY)]
    text = json.dumps(head)[:-1] + f', "places": [\n{lines(places)}\n]}}\n'
    (FOLDER / f"{path.stem}.json").write_text(text)
    print(path.stem, len(tokens), head["perplexity"])


def place(logits, at):
    """The likeliest tokens after a position, and the mean and spread of all."""
    best = numpy.argsort(-logits)[:5]
    return {
        "at": at,
        "top": [[int(token), round(float(logits[token]), 4)] for token in best],
        "mean": round(float(logits.mean()), 4),
        "deviation": round(float(logits.std()), 4),
    }


def lines(values):
    """JSON, one value a line, so that a change shows as one."""
    return ",\n".join("  " + json.dumps(value, separators=(",", ":")) for value in values)


def main():
    """Reads the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL.gguf")
    parser.add_argument("--tiny", type=pathlib.Path, metavar="FOLDER", help="of tiny models")
    parser.add_argument("--tokens", type=int, default=384, help="of the text (384)")
    args = parser.parse_args()
    llama_cpp.llama_log_set(QUIET, None)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if args.tiny:
        tiny(args.tiny)
    for path in args.models:
        real(path, args.tokens)


if __name__ == "__main__":
    main()
