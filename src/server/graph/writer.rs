//! Serializes an entity: the selected properties and the expanded entities. Must not query the world by itself.

use std::cell::RefCell;

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::json;

use super::entities::{Row, linked};
use crate::server::odata::{Entity, Expand, Field, Query, Schema, Shown};

/// Whether one entity was requested, or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    One,
    List,
}

/// Writes entities under one query.
pub(crate) struct Writer<'q> {
    query: &'q Query,
    detail: Detail,
    /// The written fields of each type, computed on its first entity.
    fields: RefCell<Vec<(&'static str, Vec<&'static Field>)>>,
}

impl<'q> Writer<'q> {
    pub(crate) const fn new(query: &'q Query, detail: Detail) -> Self {
        Self { query, detail, fields: RefCell::new(Vec::new()) }
    }

    /// Appends the entity's properties and links to a list.
    pub(crate) fn append(&self, rows: &mut Vec<u8>, row: &Row<'_>) {
        if !rows.is_empty() {
            rows.push(b',');
        }
        write(rows, &Written { writer: self, row, context: None });
    }

    /// The entity's properties and links, as an answer under a context.
    pub(crate) fn alone(&self, row: &Row<'_>, context: &str) -> String {
        let mut json = Vec::new();
        write(&mut json, &Written { writer: self, row, context: Some(context) });
        String::from_utf8(json).expect("JSON is UTF-8")
    }

    /// Some values are only written for a single entity, and only if selected by name.
    fn is_blank(&self, field: &Field) -> bool {
        field.shown == Shown::Alone && (self.detail == Detail::List || !self.query.selects(field.name))
    }
}

fn write(to: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(to, value).expect("memory takes all, and names of members are texts");
}

/// An entity of the requested collection.
struct Written<'w, 'q, 's> {
    writer: &'w Writer<'q>,
    row: &'w Row<'s>,
    context: Option<&'w str>,
}

impl Serialize for Written<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { writer, row, context } = self;
        let schema = row.schema();
        if !writer.fields.borrow().iter().any(|(name, _)| *name == schema.name) {
            let wanted = schema.fields.iter().filter(|field| writer.query.wants(field)).collect();
            writer.fields.borrow_mut().push((schema.name, wanted));
        }
        let known = writer.fields.borrow();
        let fields = known.iter().find(|(name, _)| *name == schema.name).map_or(&[][..], |(_, fields)| fields);
        let mut members = to.serialize_map(None)?;
        if let Some(context) = context {
            members.serialize_entry("@odata.context", context)?;
        }
        if let Some(tag) = row.type_tag() {
            members.serialize_entry("@odata.type", &tag)?;
        }
        for field in fields {
            if writer.is_blank(field) {
                members.serialize_entry(field.name, &blank(field))?;
            } else {
                members.serialize_entry(field.name, &row.own_value(field))?;
            }
        }
        for expand in &writer.query.expand {
            let rows = linked(row, expand.link.name);
            let rows: Vec<Linked<'_, '_>> = rows.iter().map(|row| Linked { row, expand }).collect();
            members.serialize_entry(expand.link.name, &rows)?;
        }
        members.end()
    }
}

/// An entity behind a link.
struct Linked<'w, 's> {
    row: &'w Row<'s>,
    expand: &'w Expand,
}

impl Serialize for Linked<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { row, expand } = self;
        let schema: Schema = row.schema();
        let is_wanted = |field: &&Field| match &expand.select {
            Some(names) => {
                names.iter().any(|name| name.eq_ignore_ascii_case(field.name)) && field.shown != Shown::Never
            }
            None => matches!(field.shown, Shown::Always),
        };
        let mut members = to.serialize_map(None)?;
        if let Some(tag) = row.type_tag() {
            members.serialize_entry("@odata.type", &tag)?;
        }
        for field in schema.fields.iter().filter(is_wanted) {
            members.serialize_entry(field.name, &row.value(field))?;
        }
        members.end()
    }
}

/// What Graph writes in place of a value that is not shown.
fn blank(field: &Field) -> serde_json::Value {
    match field.kind {
        crate::server::odata::FieldKind::Whole => json!(0),
        crate::server::odata::FieldKind::Flag => json!(false),
        kind if kind.is_list() => json!([]),
        _ => serde_json::Value::Null,
    }
}
