//! An answer to a question about a list: a page with its links, or a count. Knows no route.

use form_urlencoded::byte_serialize;
use serde_json::{Map, json};

use super::answer::Answer;
use super::call::Call;
use super::face::Scene;
use super::failure::Failure;
use super::list::{self, Page};
use super::route::{Edition, Of};
use super::shown::Shelf;
use crate::odata::{Entity, PageSize, Query};

/// Pages of the directory.
const DIRECTORY_PAGE: PageSize = PageSize { default: 100, max: 999 };
/// Pages of managed devices.
const DEVICES_PAGE: PageSize = PageSize { default: 1_000, max: 1_000 };

/// A list and what is asked of it.
pub(crate) struct Listing {
    shelf: Shelf,
    query: Query,
    of: Of,
}

impl Listing {
    /// Reads what is asked.
    ///
    /// # Errors
    /// [`Failure::Query`].
    pub(crate) fn asked(call: &Call, shelf: Shelf, of: Of) -> Result<Self, Failure> {
        Ok(Self { shelf, query: query(call, shelf)?, of })
    }

    /// Answers from the entities at these places, which ascend; beside the threads that answer, for a large list takes a while.
    pub(crate) async fn answer(
        self,
        call: &Call,
        scene: Scene,
        places: Vec<u32>,
        context: &str,
    ) -> Result<Answer, Failure> {
        let Self { shelf, query, of } = self;
        let question = query.question.clone();
        let work = move || match of {
            Of::Count => Err(list::count(&query, places.iter().copied(), |place| shelf.at(&scene, place))),
            Of::List => Ok(list::page(
                &query,
                shelf.schema(),
                places.iter().copied(),
                |place| shelf.at(&scene, place),
                |shown| shelf.kind(shown),
            )),
        };
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| Failure::Unavailable)?;
        Ok(match done {
            Err(count) => Answer::count(count),
            Ok(page) => Answer::json(whole(call, &page, &question, context)),
        })
    }
}

/// One entity.
///
/// # Errors
/// [`Failure::Query`].
pub(crate) fn one(call: &Call, shelf: Shelf, entity: &impl Entity, context: &str) -> Result<Answer, Failure> {
    let mut written = list::written(entity, shelf.schema(), &query(call, shelf)?, None);
    written["@odata.context"] = json!(address(&call.origin, call.edition, &format!("{context}/$entity")));
    Ok(Answer::json(written))
}

/// Where Graph says what an answer is.
pub(crate) fn address(origin: &str, edition: Edition, context: &str) -> String {
    format!("{origin}/{}/$metadata#{context}", edition.name())
}

fn query(call: &Call, shelf: Shelf) -> Result<Query, Failure> {
    let size = match shelf {
        Shelf::Devices(_) => DEVICES_PAGE,
        Shelf::Users | Shelf::Groups | Shelf::Objects { .. } => DIRECTORY_PAGE,
    };
    Ok(Query::read(call.options(), shelf.schema(), size)?)
}

fn whole(call: &Call, page: &Page, question: &str, context: &str) -> serde_json::Value {
    let mut whole = Map::new();
    whole.insert("@odata.context".to_owned(), json!(address(&call.origin, call.edition, context)));
    if let Some(count) = page.count {
        whole.insert("@odata.count".to_owned(), json!(count));
    }
    if let Some(next) = page.next {
        let is_token = |name: &str| name.trim_start_matches('$').eq_ignore_ascii_case("skiptoken");
        let mut link = format!("{}{}?", call.origin, call.path);
        for (name, value) in call.options().filter(|(name, _)| !is_token(name)) {
            // A dollar sign may stand as it is, and every caller knows options by it.
            let name: String = byte_serialize(name.as_bytes()).collect::<String>().replace("%24", "$");
            link.extend([name.as_str(), "="]);
            link.extend(byte_serialize(value.as_bytes()));
            link.push('&');
        }
        link.extend(["$skiptoken=", next.render(question).as_str()]);
        whole.insert("@odata.nextLink".to_owned(), json!(link));
    }
    whole.insert("value".to_owned(), json!(&page.entries));
    serde_json::Value::Object(whole)
}
