//! Diagnostics: all problems of a scenario at once. Records only; `render` draws them.

use std::fmt;

use crate::rules::base::visible;

use super::limits::{CANDIDATE_BYTES_MAX, CANDIDATES_MAX, DIAGNOSTICS_MAX, SHOWN_BYTES_MAX};
use super::source::{Quoting, Source, SourceSpan};

/// The severity of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// It can be run, but probably does not mean what it says.
    Warning,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident $code:literal $name:literal $severity:ident $remedy:literal;)*) => {
        /// The kind of a problem. Codes are stable: a number is never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable code, such as `S001`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Its name, such as `unknown-key`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The kind of problem, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_start(),)* }
            }

            /// The remedy, in a sentence; each diagnostic has a more specific one.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }

            /// Its severity.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    /// A key that the grammar does not have.
    UnknownKey "S001" "unknown-key" Error
        "Write the key that is suggested, or look the table up in the reference.";
    /// The text is not TOML.
    Syntax "S002" "syntax" Error
        "Repair the TOML at the caret; every break is listed, so the first one often explains the others.";
    /// A value of the wrong type.
    WrongType "S003" "wrong-type" Error
        "Write the type that the label names: durations and rates are strings, counts are whole numbers.";
    /// A key that must be there.
    MissingKey "S004" "missing-key" Error
        "Add the key that is named.";
    /// A value that cannot be read or is out of range.
    BadValue "S005" "bad-value" Error
        "Write a value in the notation, and the range, that the label or the help names.";
    /// A word that is none of those allowed.
    UnknownWord "S006" "unknown-word" Error
        "Write the word that is suggested, or one of those listed.";
    /// A name that nothing has.
    UnknownName "S007" "unknown-name" Error
        "Write the name that is suggested, or add the thing that has this name.";
    /// Two things with one name.
    DuplicateName "S008" "duplicate-name" Error
        "Give each its own name; a file that means to replace an included table says `override = true`.";
    /// Keys that exclude each other, or do not belong here.
    Conflict "S009" "conflicting-keys" Error
        "Keep one of the keys, or move the key to where it belongs.";
    /// Something that the limits forbid.
    TooMuch "S010" "too-much" Error
        "Ask for less; the help names the limit.";
    /// An included file that cannot be read.
    Include "S011" "include" Error
        "Correct the path, which is relative to the file that names it and stays below the scenario's folder (`--include-root` names another), or break the circle.";
    /// Two included files that set one key.
    IncludeConflict "S012" "include-conflict" Error
        "Set the key in the including file, which wins.";
    /// `override = true` with nothing to override.
    NothingToOverride "S013" "nothing-to-override" Error
        "Take `override` out, or correct the name.";
    /// A `--set` or `--vary` that cannot be applied.
    BadSet "S014" "bad-set" Error
        "Write `--set path.of.keys=value`; elements of arrays are addressed by their names.";
    /// Something that never happens, because its time is not before the end.
    Never "S015" "never-happens" Error
        "Move it before the end of the run, or raise `duration`.";
    /// Faults that wait for each other.
    Cycle "S016" "cycle" Error
        "Give one of the faults an `at` of its own.";
    /// An expectation that cannot be judged.
    BadExpectation "S018" "bad-expectation" Error
        "Ask for something that the scenario can show, and that it can fail to show.";
    /// An export that cannot be used.
    Export "S019" "export" Error
        "Export the list again, as JSON from Graph or as CSV from the admin centre.";
    /// A send that the service will refuse.
    WillBeRefused "S101" "will-be-refused" Warning
        "Nothing, if the refusal is what you want to see; otherwise correct the send.";
    /// Something that covers or reaches nothing.
    Nothing "S102" "touches-nothing" Warning
        "Widen what is covered, or say `may_touch_nothing = true`.";
    /// Part of a schedule lies past the end.
    CutOff "S103" "cut-off" Warning
        "Raise `duration`, or lower the count.";
    /// Shares that do not add up to 1.
    Weights "S104" "shares-are-weights" Warning
        "Nothing, if you meant weights; otherwise let the shares add up to 1.";
    /// Something that an export does not tell.
    Gap "S105" "gap-in-export" Warning
        "Give the import the keys that say what the export does not.";
    /// A local time that daylight saving leaves out.
    LeftOut "S106" "local-time-left-out" Warning
        "Nothing, if it may go at the moment that the label names; otherwise write another time, or a duration since the start.";
    /// A send at night, to phones whose presence has no night.
    NoNight "S107" "no-night" Warning
        "Give the phones a presence with a night; nothing, if they are online at night as by day: then write their presence out.";
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind.
    pub code: Code,
    /// The place.
    pub place: SourceSpan,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// The text at the caret; may be empty.
    pub label: String,
    /// The remedy.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A problem at a place.
    pub(crate) fn new(code: Code, place: SourceSpan, message: impl Into<String>) -> Self {
        Self { code, place, message: message.into(), label: String::new(), help: None }
    }

    /// Sets the text at the caret.
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the remedy.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the remedy, if there is one.
    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
}

/// All problems of a scenario, with the sources they are in.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    sources: Vec<Source>,
    list: Vec<Diagnostic>,
    omitted: usize,
    errors: usize,
}

impl Diagnostics {
    /// Adds a source and returns its index.
    pub(crate) fn add_source(&mut self, source: Source) -> usize {
        self.sources.push(source);
        self.sources.len() - 1
    }

    /// Marks a source as not TOML: its lines are shown only if the caller asked for it.
    pub(crate) fn found_no_toml(&mut self, source: usize) {
        let quoting = &mut self.sources[source].quoting;
        if *quoting == Quoting::LinesOfToml {
            *quoting = Quoting::PlacesOnly;
        }
    }

    /// Adds a problem; past [`DIAGNOSTICS_MAX`] it is only counted. One that several tables share is listed once.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.code.severity() == Severity::Error);
        if self.list.len() < DIAGNOSTICS_MAX {
            if !self.list.contains(&diagnostic) {
                self.list.push(diagnostic);
            }
        } else {
            self.omitted += 1;
        }
    }

    /// Whether further problems are only counted. Then an expensive search for a remedy can be skipped.
    pub(crate) fn full(&self) -> bool {
        self.list.len() >= DIAGNOSTICS_MAX
    }

    /// How many of them are errors, the omitted ones included.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Whether there are no problems at all.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many problems are listed.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The number of problems that are not listed.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// The problems, by source and place once loading is over.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// The sources, in the order of reading.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The source of a place.
    pub fn source(&self, place: SourceSpan) -> &Source {
        &self.sources[place.source]
    }

    /// Sorts the problems by their places in the text.
    pub(crate) fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code));
        self.list.dedup();
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.render(super::render::Paint::Plain))
    }
}

impl std::error::Error for Diagnostics {}

/// The candidate nearest to `word`, if it is near enough.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > CANDIDATE_BYTES_MAX {
        return None;
    }
    let folded = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(CANDIDATES_MAX)
        .filter(|candidate| candidate.len() <= CANDIDATE_BYTES_MAX)
        .map(|candidate| (strsim::osa_distance(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= allowed || (folded.len() >= 3 && candidate.to_lowercase().starts_with(&folded))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A value as a message repeats it: short, on one line, without invisible characters.
pub(crate) fn shown(text: &str) -> String {
    let mut end = text.len().min(SHOWN_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = if end < text.len() { "…" } else { "" };
    format!("{}{cut}", visible::one_line(&text[..end]))
}

/// A noun with its article.
pub(crate) fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) && !noun.starts_with("user") { "an" } else { "a" };
    format!("{article} {noun}")
}

/// Words for a sentence: `a, b or c`.
pub(crate) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [firsts @ .., last] => format!("{} or {last}", firsts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique() {
        let codes: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.code()).collect();
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!((codes.len(), names.len()), (Code::ALL.len(), Code::ALL.len()));
    }

    #[test]
    fn finds_the_nearest_word_and_nothing_far_away() {
        assert_eq!(nearest("duratoin", ["name", "duration", "seed"]), Some("duration"));
        assert_eq!(nearest("Duration", ["name", "duration", "seed"]), Some("duration"));
        assert_eq!(nearest("weather", ["name", "duration", "seed"]), None);
    }
}
