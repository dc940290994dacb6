//! The type of an entity: its name in Graph, the dialect of queries on it, and its fields. Must not know any entity.

use super::field::{Field, FieldKind, FieldPart};

/// Which service's rules apply to queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The directory's, which has advanced queries.
    Directory,
    /// Intune's, which accepts everything in the grammar.
    Intune,
}

/// The type of an entity.
#[derive(Debug)]
pub struct EntityType {
    /// Its name without `microsoft.graph.`.
    pub name: &'static str,
    /// Which rules apply.
    pub dialect: Dialect,
    /// Its properties, in the order in which they are written.
    pub fields: &'static [Field],
    /// Parts of complex properties that a filter may name.
    parts: Vec<Field>,
}

/// A type with static lifetime.
pub type Schema = &'static EntityType;

impl EntityType {
    /// A type with these properties.
    pub fn new(name: &'static str, dialect: Dialect, fields: &'static [Field]) -> Self {
        Self { name, dialect, fields, parts: fields.iter().flat_map(parts).collect() }
    }

    /// The name with its namespace.
    pub fn full_name(&self) -> String {
        format!("microsoft.graph.{}", self.name)
    }

    /// The name in the directory's errors, with a capital letter.
    pub fn resource(&self) -> String {
        let (first, rest) = self.name.split_at(1);
        format!("{}{rest}", first.to_ascii_uppercase())
    }

    /// The property of this name, case-insensitive.
    pub fn find(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The property of this name, or the part of a complex one.
    pub fn find_part(&'static self, name: &str) -> Option<&'static Field> {
        let part = || self.parts.iter().find(|field| field.name.eq_ignore_ascii_case(name));
        self.find(name).or_else(|| if name.contains('/') { part() } else { None })
    }
}

/// The parts of a property that a filter may name.
fn parts(of: &'static Field) -> Vec<Field> {
    // Types have static lifetime, and so must the names of their parts.
    let name = |part: &str| -> &'static str { Box::leak(format!("{}/{part}", of.name).into_boxed_str()) };
    match of.kind {
        FieldKind::Record(record) => record
            .members
            .iter()
            .map(|member| Field {
                name: name(member.name),
                kind: member.kind,
                at: of.at,
                rules: of.rules,
                shown: of.shown,
                part: FieldPart::Member { of, member },
            })
            .collect(),
        FieldKind::Texts | FieldKind::Records(_) => {
            let part = FieldPart::Count { of };
            vec![Field {
                name: name("$count"),
                kind: FieldKind::Whole,
                at: of.at,
                rules: of.rules,
                shown: of.shown,
                part,
            }]
        }
        _ => Vec::new(),
    }
}
