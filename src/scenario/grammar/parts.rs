//! The parts of the grammar: name, value and purpose of each key. One grammar checks scenarios, finds the nearest name,
//! and makes the JSON Schema and the reference. Must not hold a scenario.

/// The values that a key takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number in a range, both ends included.
    Whole(u64, u64),
    /// `true` or `false`.
    YesNo,
    /// A duration of at least so many ms.
    Duration(u64),
    /// A ratio: a number from 0 to 1, or a percentage.
    Ratio,
    /// A rate: a whole number per second, minute or hour.
    Rate,
    /// Model seconds per second.
    Speed,
    /// A local time of day, `"22:30"`.
    TimeOfDay,
    /// A date and time.
    Moment,
    /// A list of texts.
    Names,
    /// One of these words as a key each, with a value of this shape.
    Words(&'static [&'static str], &'static Shape),
    /// Free keys with values of this shape.
    Map(&'static Shape),
    /// A table with these keys.
    Table(&'static Grammar),
    /// An array of such tables.
    Tables(&'static Grammar),
    /// Any of these.
    Any(&'static [Shape]),
}

/// Whether a key is required, and the value if it is absent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Need {
    /// It must be there.
    Required,
    /// It may be left out; its doc says what that means.
    Optional,
    /// Absent, it has this value.
    Default(&'static str),
    /// Absent, it has this value, which is an assumption that a report names.
    Assumed(&'static str),
}

/// One key of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeySpec {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its values.
    pub(crate) shape: Shape,
    /// Whether it is required.
    pub(crate) need: Need,
    /// Its purpose, in one line.
    pub(crate) doc: &'static str,
}

/// The keys of a table.
#[derive(Debug)]
pub(crate) struct Grammar {
    /// The noun for such a table in sentences.
    pub(crate) noun: &'static str,
    /// Its purpose, in one line.
    pub(crate) doc: &'static str,
    /// Its keys, in the usual order of writing.
    pub(crate) keys: &'static [KeySpec],
}

impl Grammar {
    /// The key with this name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static KeySpec> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Whether its tables have names, so that files can override one another's.
    pub(crate) fn is_named(&self) -> bool {
        self.keys.first().is_some_and(|key| key.name == "name")
    }
}

impl KeySpec {
    /// A key that must be there.
    pub(crate) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, need: Need::Required, doc }
    }

    /// A key that may be left out.
    pub(crate) const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, need: Need::Optional, doc }
    }

    /// A key with a default.
    pub(crate) const fn default(name: &'static str, shape: Shape, default: &'static str, doc: &'static str) -> Self {
        Self { name, shape, need: Need::Default(default), doc }
    }

    /// A key whose default is an assumption.
    pub(crate) const fn assumed(name: &'static str, shape: Shape, default: &'static str, doc: &'static str) -> Self {
        Self { name, shape, need: Need::Assumed(default), doc }
    }
}

impl Shape {
    /// The expected value, in words.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Word(words) => {
                crate::scenario::diagnostics::diagnostic::listed(words.iter().copied()).replace('`', "\"")
            }
            Self::Whole(from, to) if from == to => format!("{from}"),
            Self::Whole(_, u64::MAX) => "a whole number".to_owned(),
            Self::Whole(from, to) => format!("a whole number from {from} to {to}"),
            Self::YesNo => "true or false".to_owned(),
            Self::Duration(_) => "a duration such as \"90s\"".to_owned(),
            Self::Ratio => "a ratio such as 0.05 or \"5%\"".to_owned(),
            Self::Rate => "a rate such as \"500/s\"".to_owned(),
            Self::Speed => "a number such as 60".to_owned(),
            Self::TimeOfDay => "a time of day such as \"22:30\"".to_owned(),
            Self::Moment => "a date and time such as 2026-01-05T06:00:00Z".to_owned(),
            Self::Names => "a list of names".to_owned(),
            Self::Words(..) | Self::Map(_) => "a table".to_owned(),
            Self::Table(grammar) => {
                format!(
                    "a table with {}",
                    crate::scenario::diagnostics::diagnostic::listed(grammar.keys.iter().map(|key| key.name))
                )
            }
            Self::Tables(grammar) => format!("an array of tables, one for each {}", grammar.noun),
            Self::Any(shapes) => {
                let all: Vec<String> = shapes.iter().map(|shape| shape.describe()).collect();
                all.join(", or ")
            }
        }
    }

    /// The shapes that a value may have: those of `Any`, or itself.
    pub(crate) fn alternatives(&self) -> &[Self] {
        if let Self::Any(shapes) = self { shapes } else { std::slice::from_ref(self) }
    }
}
