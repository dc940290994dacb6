//! Room `metrics`.
#[derive(Debug)]
/// x
pub struct Meters;
