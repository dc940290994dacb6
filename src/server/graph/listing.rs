//! The answer to a query on a list: a page with its links, or a count. Must not know any route.

use std::sync::Arc;

use form_urlencoded::byte_serialize;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::call::Call;
use super::entities::{Collection, Row, check_links};
use super::error::GraphError;
use super::list::{ListPage, Queried};
use super::places::Places;
use super::route::{Edition, Of};
use super::scene::Scene;
use super::tenant::GraphTenant;
use super::writer::{Detail, Writer};
use crate::server::http::Cancelled;
use crate::server::odata::{Asking, Consistency, Query, Reached, SkipToken};

/// Bytes of an entity in a list, for an estimate: what the longest takes, a managed device with all of its properties.
const ROW_BYTES: u64 = 2 << 10;

/// A list and the query on it.
pub(crate) struct Listing {
    collection: Collection,
    query: Query,
    of: Of,
}

impl Listing {
    /// Parses the query on a list that is reached in this way.
    ///
    /// # Errors
    /// [`GraphError::Query`].
    pub(crate) fn read(
        graph_tenant: &GraphTenant,
        call: &Call,
        collection: Collection,
        of: Of,
        reached: Reached,
    ) -> Result<Self, GraphError> {
        let asking = asking(graph_tenant, call, of, reached);
        let query = Query::read(call.options(), collection.schema(), collection.page_size(), asking)?;
        check_links(&query, collection.schema()).map_err(GraphError::bad)?;
        Ok(Self { collection, query, of })
    }

    /// Are related entities written with each?
    pub(crate) fn is_expanded(&self) -> bool {
        !self.query.expand.is_empty()
    }

    /// Answers from the entities at these ascending indices, on a thread for such work, since a large list takes a while.
    pub(crate) async fn answer(
        self,
        call: &Call,
        scene: Scene,
        places: impl Into<Places>,
    ) -> Result<Answer, GraphError> {
        let context = self.collection.context();
        self.answer_as(call, scene, places, context).await
    }

    /// The same under another context.
    pub(crate) async fn answer_as(
        self,
        call: &Call,
        scene: Scene,
        places: impl Into<Places>,
        context: &str,
    ) -> Result<Answer, GraphError> {
        let Self { collection, query, of } = self;
        let question = query.question.clone();
        let (places, call, context) = (places.into(), call.clone(), context.to_owned());
        let budgets = Arc::clone(&call.budgets);
        let work = move |cancelled: &Cancelled| {
            let entity = |place| collection.at(&scene, place);
            let queried = Queried { query: &query, places: &places, cancelled, entity };
            if of == Of::Count {
                return Ok(Answer::count(queried.count()));
            }
            // Counted before it is made, so that nothing is made for which there is no room, and before the thread is free for
            // the next list: finished ones could pile up otherwise.
            let rows = places.len().min(query.top as usize) as u64;
            let mut share = call.budgets.graph_answers.take_at_most(rows * ROW_BYTES)?;
            let writer = Writer::new(&query, Detail::List);
            let page = queried.page(|rows, row| writer.append(rows, row));
            let json = whole(&call, &page, &question, &context);
            drop(page);
            share.resize(json.len() as u64)?;
            Ok(Answer::counted(json, share))
        };
        budgets.work.run(work).await?
    }
}

/// A query on one entity.
pub(crate) struct Single {
    query: Query,
    collection: Collection,
}

impl Single {
    /// Parses the query.
    ///
    /// # Errors
    /// [`GraphError::Query`].
    pub(crate) fn read(graph_tenant: &GraphTenant, call: &Call, collection: Collection) -> Result<Self, GraphError> {
        let asking = asking(graph_tenant, call, Of::List, Reached::Directly);
        let query = Query::read(call.options(), collection.schema(), collection.page_size(), asking)?;
        check_links(&query, collection.schema()).map_err(GraphError::bad)?;
        Ok(Self { query, collection })
    }

    /// Are related entities written with it?
    pub(crate) fn is_expanded(&self) -> bool {
        !self.query.expand.is_empty()
    }

    /// Answers with the entity.
    pub(crate) fn answer(&self, call: &Call, row: &Row<'_>) -> Answer {
        self.answer_as(call, row, &format!("{}/$entity", self.collection.context()))
    }

    /// The same under another context.
    pub(crate) fn answer_as(&self, call: &Call, row: &Row<'_>, context: &str) -> Answer {
        let context = address(&call.origin, call.edition, context);
        Answer::written(Writer::new(&self.query, Detail::One).alone(row, &context))
    }
}

/// The `@odata.context` of an answer.
pub(crate) fn address(origin: &str, edition: Edition, context: &str) -> String {
    format!("{origin}/{}/$metadata#{context}", edition.name())
}

/// How the query is sent; the consistency level may also be a query option, which scripts rely on.
fn asking(graph_tenant: &GraphTenant, call: &Call, of: Of, reached: Reached) -> Asking {
    let by_option = call.options().any(|(name, value)| is_consistency(name) && is_eventual(value));
    let is_eventual = by_option || call.consistency == Consistency::Eventual;
    Asking {
        consistency: if is_eventual { Consistency::Eventual } else { Consistency::Session },
        strictness: graph_tenant.strictness,
        reached,
        is_count: of == Of::Count,
    }
}

fn is_consistency(name: &str) -> bool {
    name.eq_ignore_ascii_case("ConsistencyLevel")
}

/// The consistency of a header value; without the header, the directory's default.
pub(crate) fn consistency(header: Option<&str>) -> Consistency {
    if header.is_some_and(is_eventual) { Consistency::Eventual } else { Consistency::Session }
}

/// Whether it is the only value that has a meaning.
fn is_eventual(value: &str) -> bool {
    value.trim().eq_ignore_ascii_case("eventual")
}

/// A page as an answer; its rows are JSON already.
fn whole(call: &Call, page: &ListPage, question: &str, context: &str) -> String {
    let mut head = Map::new();
    head.insert("@odata.context".to_owned(), json!(address(&call.origin, call.edition, context)));
    if let Some(count) = page.count {
        head.insert("@odata.count".to_owned(), json!(count));
    }
    if let Some(next) = page.next {
        head.insert("@odata.nextLink".to_owned(), json!(link(call, next, question)));
    }
    let head = Value::Object(head).to_string();
    let rows = str::from_utf8(&page.rows).expect("JSON is UTF-8");
    let open = head.strip_suffix('}').unwrap_or(&head);
    [open, r#","value":["#, rows, "]}"].concat()
}

/// The link to the next page.
fn link(call: &Call, next: SkipToken, question: &str) -> String {
    let is_token = |name: &str| name.trim_start_matches('$').eq_ignore_ascii_case("skiptoken");
    let mut link = format!("{}{}?", call.origin, call.path);
    for (name, value) in call.options().filter(|(name, _)| !is_token(name)) {
        // A dollar sign may stay unencoded, and clients recognise options by it.
        let name: String = byte_serialize(name.as_bytes()).collect::<String>().replace("%24", "$");
        link.extend([name.as_str(), "="]);
        link.extend(byte_serialize(value.as_bytes()));
        link.push('&');
    }
    link.extend(["$skiptoken=", next.render(question).as_str()]);
    link
}
