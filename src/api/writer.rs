//! An entity as JSON: the properties that are asked for, and the entities that it links to. Asks nothing of the world by itself.

use std::cell::RefCell;

use serde_json::{Map, json};

use super::entities::{Row, linked};
use crate::odata::{Entity, Expand, Field, Query, Schema, Shown, Value};

/// Whether one entity was asked for, or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    One,
    List,
}

/// Writes entities under one query.
pub(crate) struct Writer<'q> {
    query: &'q Query,
    detail: Detail,
    /// What is written of each type that was met.
    fields: RefCell<Vec<(&'static str, Vec<&'static Field>)>>,
}

impl<'q> Writer<'q> {
    pub(crate) const fn new(query: &'q Query, detail: Detail) -> Self {
        Self { query, detail, fields: RefCell::new(Vec::new()) }
    }

    /// The entity's properties and links.
    pub(crate) fn write(&self, row: &Row<'_>) -> serde_json::Value {
        let schema = row.schema();
        if !self.fields.borrow().iter().any(|(name, _)| *name == schema.name) {
            let wanted = schema.fields.iter().filter(|field| self.query.wants(field)).collect();
            self.fields.borrow_mut().push((schema.name, wanted));
        }
        let known = self.fields.borrow();
        let fields = known.iter().find(|(name, _)| *name == schema.name).map_or(&[][..], |(_, fields)| fields);
        let mut members = Map::new();
        if let Some(tag) = row.type_tag() {
            members.insert("@odata.type".to_owned(), json!(tag));
        }
        for field in fields {
            let value = if self.is_blank(field) { blank(field) } else { as_json(row.own_value(field)) };
            members.insert(field.name.to_owned(), value);
        }
        for expand in &self.query.expand {
            let rows = linked(row, expand.link.name);
            members.insert(expand.link.name.to_owned(), rows.iter().map(|row| written_link(row, expand)).collect());
        }
        serde_json::Value::Object(members)
    }

    /// Some values are only told of one entity, and only by name.
    fn is_blank(&self, field: &Field) -> bool {
        field.shown == Shown::Alone && (self.detail == Detail::List || !self.query.selects(field.name))
    }
}

/// An entity behind a link.
fn written_link(row: &Row<'_>, expand: &Expand) -> serde_json::Value {
    let schema: Schema = row.schema();
    let is_wanted = |field: &&Field| match &expand.select {
        Some(names) => names.iter().any(|name| name.eq_ignore_ascii_case(field.name)) && field.shown != Shown::Never,
        None => matches!(field.shown, Shown::Always),
    };
    let mut members = Map::new();
    if let Some(tag) = row.type_tag() {
        members.insert("@odata.type".to_owned(), json!(tag));
    }
    for field in schema.fields.iter().filter(is_wanted) {
        members.insert(field.name.to_owned(), as_json(row.value(field)));
    }
    serde_json::Value::Object(members)
}

/// What Graph writes in place of a value that it does not tell.
fn blank(field: &Field) -> serde_json::Value {
    match field.kind {
        crate::odata::Kind::Whole => json!(0),
        crate::odata::Kind::Flag => json!(false),
        kind if kind.is_list() => json!([]),
        _ => serde_json::Value::Null,
    }
}

fn as_json(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Text(text) => json!(text),
        Value::Choice(word) => json!(word),
        Value::Moment(moment) => json!(moment.to_string()),
        Value::Flag(flag) => json!(flag),
        Value::Whole(number) => json!(number),
        Value::List(entries) => entries.into_iter().map(as_json).collect(),
        Value::Record(members) => members.into_iter().map(|(name, value)| (name.to_owned(), as_json(value))).collect(),
    }
}
