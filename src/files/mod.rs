//! Module `files`, level 3: scenarios and what they include, read from disk below one folder. Must not judge a text.

pub(crate) mod folder;
pub(crate) mod io_reason;
pub(crate) mod texts;
