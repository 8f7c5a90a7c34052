#!/usr/bin/env python3
"""Writes what the fuzz targets begin with into fuzz/corpus.

For `fuzz_gguf` the headers of tiny models, one for each architecture and some quantisations; for
`fuzz_tokenizer` vocabularies of a few merges, in the fields that the target describes.
"""

from pathlib import Path
from struct import pack

CORPUS = Path(__file__).parent / "corpus"
WIDTH, HIDDEN, HEADS, KV_HEADS, TOKENS = 32, 32, 2, 1, 8
HEAD = WIDTH // HEADS
# Number in the file, elements of a block, its bytes.
KINDS = {"f32": (0, 1, 4), "f16": (1, 1, 2), "q4_0": (2, 32, 18), "q4_1": (3, 32, 20),
         "q5_0": (6, 32, 22), "q5_1": (7, 32, 24), "q8_0": (8, 32, 34), "bf16": (30, 1, 2)}


def text(value):
    value = value.encode()
    return pack("<Q", len(value)) + value


def pair(key, value):
    if isinstance(value, str):
        return text(key) + pack("<I", 8) + text(value)
    if isinstance(value, float):
        return text(key) + pack("<If", 6, value)
    if isinstance(value, bool):
        return text(key) + pack("<IB", 7, value)
    if isinstance(value, int):
        return text(key) + pack("<II", 4, value)
    if value and isinstance(value[0], str):
        return text(key) + pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    return text(key) + pack("<IIQ", 9, 5, len(value)) + pack(f"<{len(value)}i", *value)


def metadata(name):
    sizes = {"block_count": 1, "context_length": 64, "embedding_length": WIDTH,
             "feed_forward_length": HIDDEN, "attention.head_count": HEADS,
             "attention.head_count_kv": KV_HEADS, "attention.key_length": HEAD,
             "rope.dimension_count": HEAD, "rope.freq_base": 1e4,
             "attention.layer_norm_rms_epsilon": 1e-6}
    if name == "gemma3":
        sizes |= {"attention.sliding_window": 4}
    return {"general.architecture": name, "general.alignment": 32,
            **{f"{name}.{key}": value for key, value in sizes.items()},
            "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2",
            "tokenizer.ggml.tokens": [f"<{n}>" for n in range(TOKENS)],
            "tokenizer.ggml.token_type": [1] * TOKENS,
            "tokenizer.ggml.add_bos_token": False}


def tensors(name, kind):
    yield "token_embd.weight", [WIDTH, TOKENS], kind
    yield "output_norm.weight", [WIDTH], "f32"
    query, kv = HEADS * HEAD, KV_HEADS * HEAD
    apart = [("attn_q", query, WIDTH), ("attn_k", kv, WIDTH), ("attn_v", kv, WIDTH),
             ("ffn_gate", HIDDEN, WIDTH), ("ffn_up", HIDDEN, WIDTH)]
    fused = [("attn_qkv", query + 2 * kv, WIDTH), ("ffn_up", 2 * HIDDEN, WIDTH)]
    outputs = [("attn_output", WIDTH, query), ("ffn_down", WIDTH, HIDDEN)]
    for part, rows, columns in (fused if name == "phi3" else apart) + outputs:
        yield f"blk.0.{part}.weight", [columns, rows], kind
    vectors = {"attn_norm.weight": WIDTH, "ffn_norm.weight": WIDTH}
    if name == "qwen2":
        vectors |= {"attn_q.bias": query, "attn_k.bias": kv, "attn_v.bias": kv}
    if name == "gemma3":
        vectors |= {"post_attention_norm.weight": WIDTH, "post_ffw_norm.weight": WIDTH}
    if name in ("qwen3", "gemma3"):
        vectors |= {"attn_q_norm.weight": HEAD, "attn_k_norm.weight": HEAD}
    for part, length in vectors.items():
        yield f"blk.0.{part}", [length], "f32"


def header(name, kind):
    described, offset = [], 0
    for tensor, dimensions, kind_ in tensors(name, kind):
        number, block, size = KINDS[kind_]
        elements = dimensions[0] * (dimensions[1] if len(dimensions) > 1 else 1)
        described.append(text(tensor) + pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
                         + pack("<IQ", number, offset))
        offset += -(-elements // block * size // 32) * 32
    pairs = [pair(key, value) for key, value in metadata(name).items()]
    return (b"GGUF" + pack("<IQQ", 3, len(described), len(pairs))
            + b"".join(pairs) + b"".join(described))


def vocabulary(options, tokens, merges, kinds, template, said):
    def listed(strings):
        return b"".join(string.encode() + b"\0" for string in strings)
    return b"\xff".join([bytes(options), listed(tokens), listed(merges), bytes(kinds),
                         template.encode(), said.encode()])


def vocabularies():
    words = ["th", "the", "Ġt", "in", "ing", "Ã©", "ĠĠ", "ĊĊ"]
    merges = ["t h", "th e", "Ġ t", "i n", "in g", "Ã ©", "Ġ Ġ", "Ċ Ċ"]
    said = "the thing\n\n  café 123 it's <|im_end|> 語"
    template = "{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}"
    for pre in range(4):
        yield vocabulary([1, pre], words, merges, [], "", said)
    yield vocabulary([7, 0, 136, 137, 136], [*words, "<|im_start|>", "<|im_end|>"], merges,
                     [1] * 264 + [3, 3], template, said)
    for flags in (8, 9):
        pieces = ["a", "b", "ab", "▁", "▁a", "▁▁", "<end>"]
        yield vocabulary([flags], pieces, ["\x01\x02\x09"], [], "", "ab a  b▁<end>")
    yield vocabulary([0, 0], ["a", "b", "ab", "<|im_end|>"], ["a b"], [1, 1, 1, 3], "", "abba")
    yield vocabulary([0, 2], ["aa", "a", "aaa"], ["a a", "aa a"], [], "", "aaaaaa baaa")


def write(target, inputs):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in inputs:
        (folder / f"seed-{name}").write_bytes(data)


write("fuzz_gguf", [(f"{name}-{kind}", header(name, kind))
                    for name in ("llama", "qwen2", "qwen3", "gemma3", "phi3") for kind in KINDS])
write("fuzz_tokenizer", ((str(n), data) for n, data in enumerate(vocabularies())))
