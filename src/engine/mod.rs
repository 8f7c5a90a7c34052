//! GGUF, tokenizer, chat template, decoder and sampler. Knows nothing of interviews.
