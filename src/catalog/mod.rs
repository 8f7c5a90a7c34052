//! Which models there are, how to fetch them, and how to know that they are what they claim.
