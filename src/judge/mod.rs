//! From criteria to statements, and from margins to verdicts with evidence.
