//! The bank: parse, validate, select.
