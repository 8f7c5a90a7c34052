//! The journal of sessions in `SQLite`.
