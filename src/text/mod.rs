//! Sentences with byte spans, words, numbers with units, fillers.
