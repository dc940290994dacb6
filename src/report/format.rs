//! Which form a report takes: the file's ending decides. Never writes one.

use crate::run::Outcome;

/// A form of the report for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The whole record.
    Json,
}

/// An ending that names no form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A form that is promised, and not there yet.
    #[error("`{0}` is not available yet: use a file that ends in {available}", available = Format::listed())]
    NotYet(String),
    /// A form that nobody promised.
    #[error("`{0}` does not end in a known form: use a file that ends in {available}", available = Format::listed())]
    Unknown(String),
}

impl Format {
    /// Every form there is.
    pub const ALL: [Self; 1] = [Self::Json];
    /// The endings of forms to come.
    const NOT_YET: [&str; 6] = ["html", "xml", "md", "om", "ndjson", "rvl"];

    /// The ending of its files.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
        }
    }

    /// The form for a path; `-` is JSON, for standard output.
    ///
    /// # Errors
    /// See [`FormatError`].
    pub fn of_path(path: &str) -> Result<Self, FormatError> {
        if path == "-" {
            return Ok(Self::Json);
        }
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        if let Some(format) = Self::ALL.into_iter().find(|format| format.ending() == ending) {
            Ok(format)
        } else if Self::NOT_YET.contains(&ending.as_str()) {
            Err(FormatError::NotYet(path.to_owned()))
        } else {
            Err(FormatError::Unknown(path.to_owned()))
        }
    }

    /// A report in this form.
    pub fn render(self, outcome: &Outcome) -> String {
        match self {
            Self::Json => super::json(outcome),
        }
    }

    fn listed() -> String {
        Self::ALL.map(|format| format!(".{}", format.ending())).join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides() {
        assert_eq!(Format::of_path("out/run.json"), Ok(Format::Json));
        assert_eq!(Format::of_path("-"), Ok(Format::Json));
        assert_eq!(Format::of_path("RUN.JSON"), Ok(Format::Json));
    }

    #[test]
    fn says_what_there_is_when_it_is_not_this() {
        let error = Format::of_path("out/run.html").expect_err("HTML comes later");
        assert_eq!(error.to_string(), "`out/run.html` is not available yet: use a file that ends in .json");
        let error = Format::of_path("out.d/run").expect_err("a folder's ending is not the file's");
        assert_eq!(error.to_string(), "`out.d/run` does not end in a known form: use a file that ends in .json");
    }
}
