//! A list of entities under a query: filtered, ordered, cut into pages, written as JSON. Knows none of the entities.

use serde_json::{Map, json};

use crate::odata::{Entity, Field, Query, Schema, SkipToken, Value};

/// One page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) entries: Vec<serde_json::Value>,
    /// How many there are on all pages, if that was asked.
    pub(crate) count: Option<usize>,
    /// Where the next page begins.
    pub(crate) next: Option<SkipToken>,
}

/// The page that is asked for, of the entities at these places, which ascend. `kind` names an entity where a list has several.
pub(crate) fn page<E: Entity>(
    query: &Query,
    schema: Schema,
    places: impl Iterator<Item = u32> + Clone,
    entity: impl Fn(u32) -> E,
    kind: impl Fn(&E) -> Option<&'static str>,
) -> Page {
    let fits = |entity: &E| query.filter.as_ref().is_none_or(|filter| filter.holds(entity));
    let write = |entity: &E| written(entity, schema, query, kind(entity));
    let (from, top) = (query.skip.map_or(0, |skip| skip.0), query.top as usize);
    if !query.order.is_empty() {
        let keys = |place: u32| Some(entity(place)).filter(&fits).map(|entity| (query.order.keys(&entity), place));
        let mut all: Vec<(Vec<Value>, u32)> = places.filter_map(keys).collect();
        all.sort_by(|(mine, _), (theirs, _)| query.order.compare(mine, theirs));
        let end = (from as usize).saturating_add(top);
        let some = all.iter().take(end).skip(from as usize);
        let entries = some.map(|(_, place)| write(&entity(*place))).collect();
        let next = (all.len() > end).then(|| SkipToken(u32::try_from(end).unwrap_or(u32::MAX)));
        return Page { entries, count: query.count.then_some(all.len()), next };
    }
    let count = query.count.then(|| count(query, places.clone(), &entity));
    let mut rest = places.skip_while(|place| *place < from).map(|place| (place, entity(place)));
    let mut fitting = rest.by_ref().filter(|(_, entity)| fits(entity));
    let entries = fitting.by_ref().take(top).map(|(_, entity)| write(&entity)).collect();
    let next = fitting.next().map(|(place, _)| SkipToken(place));
    Page { entries, count, next }
}

/// How many entities fulfil the query's filter.
pub(crate) fn count<E: Entity>(query: &Query, places: impl Iterator<Item = u32>, entity: impl Fn(u32) -> E) -> usize {
    match &query.filter {
        None => places.count(),
        Some(filter) => places.filter(|place| filter.holds(&entity(*place))).count(),
    }
}

/// An entity's selected fields as JSON.
pub(crate) fn written(
    entity: &impl Entity,
    schema: Schema,
    query: &Query,
    kind: Option<&'static str>,
) -> serde_json::Value {
    let mut members = Map::new();
    if let Some(kind) = kind {
        members.insert("@odata.type".to_owned(), json!(kind));
    }
    for field in schema.iter().filter(|field| query.wants(field)) {
        members.insert(field.name.to_owned(), as_json(entity, field));
    }
    serde_json::Value::Object(members)
}

fn as_json(entity: &impl Entity, field: &Field) -> serde_json::Value {
    match entity.value(field) {
        Value::Null => serde_json::Value::Null,
        Value::Text(text) => json!(text),
        Value::Choice(word) => json!(word),
        Value::Moment(moment) => json!(moment.to_string()),
        Value::Flag(flag) => json!(flag),
    }
}
