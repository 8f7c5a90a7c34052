//! Guards over what a model drafted, and the choice among drafts.
