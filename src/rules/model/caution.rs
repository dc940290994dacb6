//! What the results of a scenario must be read with. Data only; the building of a world finds it.

/// A warning of the scenario that every report of it repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caution {
    /// The code of the diagnostic.
    pub code: &'static str,
    /// What is so, as the diagnostic says it.
    pub text: String,
    /// What helps.
    pub remedy: String,
}
