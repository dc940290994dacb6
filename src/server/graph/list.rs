//! Queries a list of entities: filters, searches, sorts and cuts it into pages. Entities are written by a function that
//! is passed in; must not know their types. When the client has gone, the rest is left out: the answer is not sent.

use std::cmp::Ordering;

use super::places::Places;
use crate::server::http::Cancelled;
use crate::server::odata::{Entity, Query, SkipToken, Value};

/// Keys that are kept beyond the end of a sorted page, at least, before those behind it are dropped.
const SORTED_SLACK: usize = 4_096;

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

/// The entities of a list under a query.
pub(crate) struct Queried<'q, Find> {
    pub(crate) query: &'q Query,
    pub(crate) places: &'q Places,
    pub(crate) cancelled: &'q Cancelled,
    /// The entity at an index.
    pub(crate) entity: Find,
}

impl<E: Entity, Find: Fn(u32) -> E> Queried<'_, Find> {
    /// The requested page.
    pub(crate) fn page(&self, append: impl Fn(&mut Vec<u8>, &E)) -> ListPage {
        let query = self.query;
        if !query.order.is_empty() {
            return self.sorted(append);
        }
        let (from, top) = (query.skip.map(|skip| skip.0), query.top as usize);
        let count = query.count.then(|| self.count());
        let passed_over = if from.is_none() { query.offset as usize } else { 0 };
        let rest =
            self.places.starting_at(from.unwrap_or(0), self.cancelled).map(|place| (place, (self.entity)(place)));
        let mut fitting = rest.filter(|(_, entity)| fits(query, entity)).skip(passed_over);
        let mut rows = Vec::new();
        fitting.by_ref().take(top).for_each(|(_, entity)| append(&mut rows, &entity));
        let next = fitting.next().map(|(place, _)| SkipToken(place));
        ListPage { rows, count, next }
    }

    /// The number of entities that match the query.
    pub(crate) fn count(&self) -> usize {
        if self.query.filter.is_none() && self.query.search.is_none() {
            return self.places.len();
        }
        let all = self.places.starting_at(0, self.cancelled);
        all.filter(|place| fits(self.query, &(self.entity)(*place))).count()
    }

    /// The requested page of a sorted list. Only the keys up to its end are kept, and sorted a stretch at a time: memory
    /// does not grow with the list, and a client that has gone is noticed meanwhile.
    fn sorted(&self, append: impl Fn(&mut Vec<u8>, &E)) -> ListPage {
        let query = self.query;
        let begin = query.skip.map_or(query.offset, |skip| skip.0) as usize;
        let end = begin.saturating_add(query.top as usize);
        let compare = |mine: &(Vec<Value>, u32), theirs: &(Vec<Value>, u32)| -> Ordering {
            query.order.compare(&mine.0, &theirs.0).then(mine.1.cmp(&theirs.1))
        };
        let kept_max = end.saturating_mul(2).max(end.saturating_add(SORTED_SLACK));
        let (mut kept, mut found) = (Vec::new(), 0);
        for place in self.places.starting_at(0, self.cancelled) {
            let entity = (self.entity)(place);
            if !fits(query, &entity) {
                continue;
            }
            found += 1;
            kept.push((query.order.keys(&entity), place));
            if kept.len() > kept_max {
                kept.select_nth_unstable_by(end, compare);
                kept.truncate(end);
            }
        }
        kept.sort_unstable_by(compare);
        let mut rows = Vec::new();
        let page = kept.iter().take(end).skip(begin).take_while(|_| !self.cancelled.is_set());
        page.for_each(|(_, place)| append(&mut rows, &(self.entity)(*place)));
        let next = (found > end).then(|| SkipToken(u32::try_from(end).unwrap_or(u32::MAX)));
        ListPage { rows, count: query.count.then_some(found), next }
    }
}

fn fits(query: &Query, entity: &impl Entity) -> bool {
    query.filter.as_ref().is_none_or(|filter| filter.holds(entity))
        && query.search.as_ref().is_none_or(|search| search.holds(entity))
}
