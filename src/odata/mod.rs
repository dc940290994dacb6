//! Room `odata`, level 1. Door sign: query options of `OData` to a typed question, and the question put to one entity after the
//! other; knows neither HTTP nor the service, and waits for nothing.

mod field;
mod value;

mod filter;
mod grammar;
mod evaluate;

mod fault;
mod order;
mod query;
mod skip;

pub use evaluate::Entity;
pub use fault::{Fault, Place};
pub use field::{Field, Kind, Schema};
pub use filter::{Filter, Operator, TextTest};
pub use order::{Direction, Order};
pub use query::{PageSize, Query};
pub use skip::SkipToken;
pub use value::Value;
