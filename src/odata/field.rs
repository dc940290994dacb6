//! What an entity has: its fields by name, and what each holds. Knows no entity.

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; compared without regard to letter case, as the directory and Intune do.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A moment.
    Moment,
    /// Yes or no.
    Flag,
}

/// A field that may be selected, filtered by and ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, as Graph spells it.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// The fields of an entity, in the order in which they are written.
pub type Schema = &'static [Field];

/// The field of this name, in any letter case.
pub(crate) fn find(schema: Schema, name: &str) -> Option<&'static Field> {
    schema.iter().find(|field| field.name.eq_ignore_ascii_case(name))
}
