//! Queries a list of entities: filters, searches, sorts and cuts it into pages. Entities are written by a function that
//! is passed in; must not know their types.

use crate::server::odata::{Entity, Query, SkipToken, Value};

/// One page.
#[derive(Debug)]
pub(crate) struct ListPage {
    /// Its entities, as the contents of a JSON array.
    pub(crate) rows: Vec<u8>,
    /// The number of entities on all pages, if requested.
    pub(crate) count: Option<usize>,
    /// Where the next page begins.
    pub(crate) next: Option<SkipToken>,
}

/// The requested page of the entities at these ascending indices.
pub(crate) fn page<E: Entity>(
    query: &Query,
    places: &[u32],
    entity: impl Fn(u32) -> E,
    append: impl Fn(&mut Vec<u8>, &E),
) -> ListPage {
    let mut rows = Vec::new();
    let (from, top) = (query.skip.map(|skip| skip.0), query.top as usize);
    if !query.order.is_empty() {
        let keys = |place: &u32| {
            let entity = entity(*place);
            fits(query, &entity).then(|| (query.order.keys(&entity), *place))
        };
        let mut all: Vec<(Vec<Value>, u32)> = places.iter().filter_map(keys).collect();
        all.sort_by(|(mine, _), (theirs, _)| query.order.compare(mine, theirs));
        let begin = from.unwrap_or(query.offset) as usize;
        let end = begin.saturating_add(top);
        all.iter().take(end).skip(begin).for_each(|(_, place)| append(&mut rows, &entity(*place)));
        let next = (all.len() > end).then(|| SkipToken(u32::try_from(end).unwrap_or(u32::MAX)));
        return ListPage { rows, count: query.count.then_some(all.len()), next };
    }
    let count = query.count.then(|| count(query, places, &entity));
    // Indices ascend, so the start of the page is found by a binary search.
    let begin = from.map_or(0, |from| places.partition_point(|place| *place < from));
    let passed_over = if from.is_none() { query.offset as usize } else { 0 };
    let rest = places[begin..].iter().map(|place| (place, entity(*place)));
    let mut fitting = rest.filter(|(_, entity)| fits(query, entity)).skip(passed_over);
    fitting.by_ref().take(top).for_each(|(_, entity)| append(&mut rows, &entity));
    let next = fitting.next().map(|(place, _)| SkipToken(*place));
    ListPage { rows, count, next }
}

/// The number of entities that match the query.
pub(crate) fn count<E: Entity>(query: &Query, places: &[u32], entity: impl Fn(u32) -> E) -> usize {
    if query.filter.is_none() && query.search.is_none() {
        return places.len();
    }
    places.iter().filter(|place| fits(query, &entity(**place))).count()
}

fn fits(query: &Query, entity: &impl Entity) -> bool {
    query.filter.as_ref().is_none_or(|filter| filter.holds(entity))
        && query.search.as_ref().is_none_or(|search| search.holds(entity))
}
