//! Drives a session: feeds events to the machine, carries out its effects.
