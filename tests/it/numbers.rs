//! Numbers from environment variables: how many cases a soak has, and which is the first.

/// The number of a variable, or the default if it is not set.
pub(crate) fn number_of(variable: &str, otherwise: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else { return otherwise };
    text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not `{text}`"))
}
