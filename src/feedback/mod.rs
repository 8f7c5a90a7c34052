//! One view of how an interview went, and its renderings.
