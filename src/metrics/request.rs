//! What a server of this program was asked and what it answered, in words for labels. Knows no HTTP: a path that is not known
//! is one word, so that nobody can add a series by asking for it.

/// A path that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The metrics.
    Metrics,
    /// The greeting.
    Root,
    /// Everything else.
    Other,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 3] = [Self::Metrics, Self::Root, Self::Other];

    /// The word in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metrics => "/metrics",
            Self::Root => "/",
            Self::Other => "other",
        }
    }

    /// The route of a path.
    pub fn of(path: &str) -> Self {
        match path {
            "/metrics" => Self::Metrics,
            "/" => Self::Root,
            _ => Self::Other,
        }
    }
}

/// How a request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 200.
    Ok,
    /// 404: no such path.
    NotFound,
    /// 405: neither `GET` nor `HEAD`.
    MethodNotAllowed,
}

impl Status {
    /// Every status that is answered.
    pub const ALL: [Self; 3] = [Self::Ok, Self::NotFound, Self::MethodNotAllowed];

    /// The word in metrics, which is the status code.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "200",
            Self::NotFound => "404",
            Self::MethodNotAllowed => "405",
        }
    }
}
