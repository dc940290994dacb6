//! What the parts of a bar stand for. Must not know colours.

/// What became of the pairs that a part of a bar counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    Shown,
    Waiting,
    /// Superseded, discarded or expired.
    Late,
    Lost,
    Blocked,
    Skipped,
    /// Not shown, for whatever cause.
    Never,
}

impl Layer {
    /// The layer of a station, by the station's word.
    pub(crate) fn of_station(station: &str) -> Self {
        match station {
            "shown" => Self::Shown,
            "waiting" => Self::Waiting,
            "lost" => Self::Lost,
            "blocked" => Self::Blocked,
            "skipped" => Self::Skipped,
            _ => Self::Late,
        }
    }
}
