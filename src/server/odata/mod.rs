//! Module `odata`, level 1: parses query options of `OData` into a typed query and evaluates it on entities. Must not
//! know HTTP or the service, and must not wait.

mod ability;
mod field;
mod schema;
mod value;

mod filter;
mod lexer;
mod literal;
mod grammar;
mod evaluate;

mod fault;
mod order;
mod search;
mod select;
mod query;
mod advanced;
mod skip;

pub use ability::{Abilities, Rules, Support};
pub use advanced::{Asking, Consistency, Reached, Strictness};
pub use evaluate::{Entity, value_of};
pub use fault::{Mistake, OptionPlace, QueryError};
pub use field::{ComplexType, Field, FieldKind, FieldPart, Shown};
pub use filter::{ENTRY, Filter, Operator, Quantifier, TextTest};
pub use order::{Direction, Order};
pub use query::{PageSize, Query};
pub use schema::{Dialect, EntityType, Schema};
pub use search::Search;
pub use select::Expand;
pub use skip::SkipToken;
pub use value::Value;
