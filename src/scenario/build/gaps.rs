//! Gaps: values that an export lacks, counted by kind, so that a thousand rows make one warning. Must not fill a gap.

use std::collections::BTreeMap;

use super::builder::Build;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, shown};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::text::view::Spot;

/// A value of a row that is missing or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    /// No id: the device cannot be named.
    Id,
    /// No known platform.
    Platform,
    /// No user.
    User,
    /// An Android device without a known enrolment (R28).
    Enrollment,
    /// The export does not name the enroller (R26).
    EnrolledBy,
    /// No known management agent (R29).
    Agent,
    /// The export does not name the owner.
    Owner,
}

impl Gap {
    /// The problem of such rows, and the assumption that replaces the value.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Id => ("have no id", "they are left out"),
            Self::Platform => ("have no platform that is known here", "they are left out"),
            Self::User => ("have no user", "they are in no group, and get only what is sent to themselves"),
            Self::Enrollment => (
                "do not say how Android is enrolled",
                "each counts as a personal work profile; give the import `enrollment` to say what they are",
            ),
            Self::EnrolledBy => (
                "do not say who enrolled them",
                "their users did; give the import `enrolled_by_another` to say what is so",
            ),
            Self::Agent => (
                "do not say by what they are managed",
                "they are enrolled in MDM; give the import `enrolled` to say what is so",
            ),
            Self::Owner => ("do not say whose property they are", "they have no label `ownership`"),
        }
    }
}

/// The gaps of one export.
#[derive(Debug, Default)]
pub(crate) struct ExportGaps {
    found: BTreeMap<Gap, (usize, SourceSpan, String)>,
}

impl ExportGaps {
    /// Counts a row in which a field is missing, or has an unknown word.
    pub(crate) fn count(&mut self, gap: Gap, word: Option<Spot<&str>>, row: SourceSpan) {
        let first = || {
            let label =
                word.map_or("the first of them".to_owned(), |word| format!("the first says `{}`", shown(word.value)));
            (0, word.map_or(row, |word| word.place), label)
        };
        self.found.entry(gap).or_insert_with(first).0 += 1;
    }

    /// Whether any row has this gap.
    pub(crate) fn has(&self, gap: Gap) -> bool {
        self.found.contains_key(&gap)
    }

    /// The number of rows that are left out, and why.
    pub(crate) fn left_out(&self, rows: usize) -> String {
        let of = |gap: Gap| self.found.get(&gap).map(|(count, ..)| (*count, gap.words().0));
        let reasons: Vec<(usize, &str)> = [Gap::Id, Gap::Platform].into_iter().filter_map(of).collect();
        let lost: usize = reasons.iter().map(|(count, _)| count).sum();
        let reasons: Vec<String> = reasons.iter().map(|(count, what)| format!("{count} {what}")).collect();
        format!("{lost} of {rows} devices are left out: {}", reasons.join(", "))
    }

    /// Warns of each kind once.
    pub(crate) fn report(self, rows: usize, build: &mut Build) {
        for (gap, (count, place, label)) in self.found {
            let (what, instead) = gap.words();
            let message = format!("{count} of {rows} devices {what}");
            build.report(Diagnostic::new(Code::Gap, place, message).label(label).help(instead));
        }
    }
}
