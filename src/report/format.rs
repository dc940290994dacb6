//! The format of a report, from the ending of its file. Must not write reports.

use crate::outcome::Outcome;

use super::batch_record::BatchFormat;
use super::document::setting::Setting;

/// A format of the whole report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Format {
    /// The whole record.
    Json,
    /// Test cases, for test runners: expectations and faults.
    #[strum(serialize = "xml")]
    Junit,
    /// A page for a pull request.
    #[strum(serialize = "md")]
    Markdown,
    /// A page with plots, for people.
    Html,
    /// The samples that Prometheus would have scraped, in model time.
    #[strum(serialize = "om")]
    OpenMetrics,
}

/// The content of a file of `--report`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportContent {
    /// The record, in a format.
    Record(Format),
    /// A line for every pair.
    Lines,
    /// A part of a forecast, to be merged.
    Part,
}

impl ReportContent {
    /// The contents other than the record, by file ending.
    const OTHERS: [(&str, Self); 2] = [("ndjson", Self::Lines), ("rvl", Self::Part)];

    /// Whether many forecasts can have it.
    fn is_of_batch(self) -> bool {
        matches!(self, Self::Record(format) if format.of_batch().is_some())
    }

    /// The content for a path; `-` is JSON, for standard output.
    ///
    /// # Errors
    /// See [`FormatError`].
    pub fn of_path(path: &str) -> Result<Self, FormatError> {
        let ending = ending_of(path);
        match Self::OTHERS.into_iter().find(|(others, _)| *others == ending) {
            Some((_, form)) => Ok(form),
            None => Format::of_path(path).map(Self::Record),
        }
    }
}

/// An ending that is unknown, or not available here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// An unknown ending.
    #[error("`{0}` does not end in a known form: use a file that ends in {available}", available = Format::listed(|_| true))]
    Unknown(String),
    /// A partial result of a run, which has none.
    #[error("`{0}` is a part of a forecast, which the actors have not: use `reveille forecast`, or a file that ends in {available}", available = Format::listed(|form| form != ReportContent::Part))]
    PartOfRun(String),
    /// Lines of pairs where only sums are known.
    #[error("`{0}` holds every pair, and parts hold sums: use `reveille forecast` without --shard, or a file that ends in {available}", available = Format::listed(|form| form != ReportContent::Lines))]
    LinesOfParts(String),
    /// Samples, lines or a part of many forecasts.
    #[error("`{0}` cannot hold many forecasts: use a file that ends in {available}", available = Format::listed(ReportContent::is_of_batch))]
    OneOfMany(String),
    /// A whole report of a shard.
    #[error(
        "`{0}` is a report of a whole forecast: with --shard use a file that ends in .rvl, and `reveille merge` for the report"
    )]
    WholeOfShard(String),
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Json, Self::Html, Self::Markdown, Self::Junit, Self::OpenMetrics];

    /// The ending of its files.
    pub const fn ending(self) -> &'static str {
        self.into_str()
    }

    /// The format for a path; `-` is JSON, for standard output.
    ///
    /// # Errors
    /// See [`FormatError`].
    pub fn of_path(path: &str) -> Result<Self, FormatError> {
        if path == "-" {
            return Ok(Self::Json);
        }
        let ending = ending_of(path);
        let known = Self::ALL.into_iter().find(|format| format.ending() == ending);
        known.ok_or_else(|| FormatError::Unknown(path.to_owned()))
    }

    /// A report in this format. Only the one for test runners contains the setting.
    pub fn render(self, outcome: &Outcome, setting: &Setting) -> String {
        match self {
            Self::Json => super::json(outcome),
            Self::Junit => super::junit(outcome, setting),
            Self::Markdown => super::markdown(outcome),
            Self::Html => super::html(outcome),
            Self::OpenMetrics => super::openmetrics(outcome),
        }
    }

    /// The same format for many forecasts, if there is one.
    pub const fn of_batch(self) -> Option<BatchFormat> {
        match self {
            Self::Json => Some(BatchFormat::Json),
            Self::Html => Some(BatchFormat::Html),
            Self::Markdown => Some(BatchFormat::Markdown),
            Self::Junit => Some(BatchFormat::Junit),
            Self::OpenMetrics => None,
        }
    }

    /// The endings of the selected contents.
    fn listed(is_meant: impl Fn(ReportContent) -> bool) -> String {
        let records = Self::ALL.map(|format| (format.ending(), ReportContent::Record(format)));
        records
            .into_iter()
            .chain(ReportContent::OTHERS)
            .filter(|(_, form)| is_meant(*form))
            .map(|(ending, _)| format!(".{ending}"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The text after the last point of a file's name, in lower case.
fn ending_of(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides() {
        assert_eq!(Format::of_path("out/run.json"), Ok(Format::Json));
        assert_eq!(Format::of_path("-"), Ok(Format::Json));
        assert_eq!(Format::of_path("RUN.JSON"), Ok(Format::Json));
        assert_eq!(Format::of_path("run.xml"), Ok(Format::Junit));
        assert_eq!(Format::of_path("run.md"), Ok(Format::Markdown));
        assert_eq!(Format::of_path("run.html"), Ok(Format::Html));
        assert_eq!(Format::of_path("run.om"), Ok(Format::OpenMetrics));
    }

    #[test]
    fn pairs_and_parts_have_endings_of_their_own() {
        assert_eq!(ReportContent::of_path("out/pairs.NDJSON"), Ok(ReportContent::Lines));
        assert_eq!(ReportContent::of_path("part.rvl"), Ok(ReportContent::Part));
        assert_eq!(ReportContent::of_path("-"), Ok(ReportContent::Record(Format::Json)));
        assert_eq!(ReportContent::of_path("rvl"), Err(FormatError::Unknown("rvl".to_owned())));
    }

    #[test]
    fn names_the_known_endings_for_an_unknown_one() {
        let error = Format::of_path("out.d/run").expect_err("a folder's ending is not the file's");
        assert_eq!(
            error.to_string(),
            "`out.d/run` does not end in a known form: use a file that ends in .json, .html, .md, .xml, .om, .ndjson, .rvl"
        );
        let error = FormatError::PartOfRun("run.rvl".to_owned()).to_string();
        assert!(error.ends_with(".om, .ndjson"), "what was refused is not proposed: {error}");
    }
}
