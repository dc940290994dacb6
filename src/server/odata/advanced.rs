//! Which queries the directory answers only as advanced queries, and which never, in Graph's words. Must decide from
//! the query, the type and the headers alone.

use super::ability::{Abilities, Support};
use super::fault::{Mistake, QueryError};
use super::field::Field;
use super::filter::{Filter, Operator, TextTest};
use super::query::Query;
use super::schema::{Dialect, Schema};
use super::value::Value;

/// The value of the header `ConsistencyLevel`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consistency {
    /// Absent, or another value.
    #[default]
    Session,
    /// `eventual`.
    Eventual,
}

/// Whether the directory's refusals apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// As in Graph.
    #[default]
    AsGraph,
    /// Every query that can be answered is answered.
    Lenient,
}

/// Which entities a path selects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reached {
    /// All of a type, such as `users`.
    #[default]
    Directly,
    /// Entities that another one refers to, such as the members of a group.
    ByReference,
    /// Groups that are reached through others, by a cast: Graph answers that as an advanced query only.
    ByGroupCast,
}

/// How a query is sent, beside its options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// The header `ConsistencyLevel`.
    pub consistency: Consistency,
    /// Whether refusals apply.
    pub strictness: Strictness,
    /// The path.
    pub reached: Reached,
    /// Is the path's last segment `$count`?
    pub is_count: bool,
}

impl Query {
    /// Applies the directory's behaviour to a parsed query: ignores what it ignores, and refuses what it refuses.
    ///
    /// # Errors
    /// The first refusal, in Graph's words.
    pub(super) fn judged(mut self, schema: Schema, asking: Asking) -> Result<Self, QueryError> {
        let is_free = schema.dialect == Dialect::Intune || asking.strictness == Strictness::Lenient;
        if is_free {
            return Ok(self);
        }
        let is_eventual = asking.consistency == Consistency::Eventual;
        // Without the header, Graph ignores `$count=true` and refuses the segment `$count`.
        self.count &= is_eventual;
        if asking.is_count && !is_eventual {
            return Err(QueryError {
                mistake: Mistake::Option,
                ..QueryError::new("$count", "$count is not currently supported.")
            });
        }
        let is_advanced = is_eventual && (self.count || asking.is_count);
        if asking.reached == Reached::ByGroupCast && !is_advanced {
            return Err(QueryError::query("$filter", "Invalid search request."));
        }
        if let Some(search) = &self.search {
            if !is_eventual {
                return Err(QueryError::query("$search", SEARCH_NEEDS_HEADER));
            }
            if let Some(field) = search.fields().into_iter().find(|field| field.rules.by_search == Support::Never) {
                return Err(unsupported("$search", field, schema));
            }
        }
        if self.filter.is_some() && asking.reached != Reached::Directly && !is_advanced {
            return Err(QueryError::query("$filter", REFERENCE_NEEDS_HEADER));
        }
        if let Some(filter) = &self.filter {
            judge_filter(filter, schema, is_advanced)?;
        }
        self.judge_order(schema, is_advanced, asking.reached)?;
        if !self.expand.is_empty() && is_advanced {
            return Err(QueryError::query("$expand", "$expand is not currently supported with advanced queries."));
        }
        Ok(self)
    }

    fn judge_order(&self, schema: Schema, is_advanced: bool, reached: Reached) -> Result<(), QueryError> {
        for (field, _) in &self.order.0 {
            match field.rules.by_order {
                Support::Plain | Support::Advanced if is_advanced => {}
                Support::Plain if self.filter.is_none() && reached == Reached::Directly => {}
                Support::Plain | Support::Advanced => {
                    return Err(QueryError::query("$orderby", "Sorting not supported for current query."));
                }
                Support::Never => {
                    let what = format!("Unsupported sort property '{}' for '{}'.", field.name, schema.resource());
                    return Err(QueryError::query("$orderby", what));
                }
            }
        }
        Ok(())
    }
}

const SEARCH_NEEDS_HEADER: &str = "Request with $search query parameter only works through MSGraph with a special request \
                                   header: 'ConsistencyLevel: eventual'";
const REFERENCE_NEEDS_HEADER: &str = "The specified filter to the reference property query is currently not supported.";

fn judge_filter(filter: &Filter, schema: Schema, is_advanced: bool) -> Result<(), QueryError> {
    for (condition, nots) in filter.conditions() {
        let Some((field, wanted)) = need(condition) else { continue };
        match field.rules.support(wanted) {
            Support::Never => return Err(unsupported("$filter", field, schema)),
            Support::Plain => {}
            Support::Advanced if is_advanced => {}
            Support::Advanced => return Err(missing_parameters(wanted, field, schema)),
        }
        if nots > 0 && !is_advanced {
            return Err(missing_parameters(Abilities::NOT, field, schema));
        }
    }
    Ok(())
}

/// The property of a condition, and the operation on it; `None` for a condition that the directory always accepts.
fn need(condition: &Filter) -> Option<(&'static Field, Abilities)> {
    Some(match condition {
        Filter::Compare { field, operator, value } => {
            let operator = match (operator, value) {
                _ if field.name.ends_with("/$count") => Abilities::COUNT,
                (Operator::Eq, Value::Null) => Abilities::NULL,
                (Operator::Ne, Value::Null) => Abilities::NULL.and(Abilities::NE),
                (Operator::Eq, _) => Abilities::EQ,
                (Operator::Ne, _) => Abilities::NE,
                (Operator::Ge, _) => Abilities::GE,
                (Operator::Le, _) => Abilities::LE,
                // The directory has no strict comparisons.
                (Operator::Lt | Operator::Gt, _) => return Some((field, UNKNOWN)),
            };
            (field, operator)
        }
        Filter::In { field, .. } => (field, Abilities::IN),
        Filter::Test { test, field, .. } => (field, of_test(*test)),
        Filter::Lambda { field, condition, .. } => {
            let inner = condition.as_ref().map(|condition| {
                let each = condition.conditions().into_iter().filter_map(|(one, _)| need(one));
                each.fold(Abilities::NONE, |sum, (_, one)| sum.and(one))
            });
            (field, inner.unwrap_or(Abilities::COUNT))
        }
        Filter::All(_) | Filter::Any(_) | Filter::Not(_) => return None,
    })
}

/// An operation that no property of the directory supports.
const UNKNOWN: Abilities = Abilities::EVERYTHING;

const fn of_test(test: TextTest) -> Abilities {
    match test {
        TextTest::StartsWith => Abilities::STARTS_WITH,
        TextTest::EndsWith => Abilities::ENDS_WITH,
        TextTest::Contains => UNKNOWN,
    }
}

/// Graph's message about a query that it would answer as an advanced query.
fn missing_parameters(wanted: Abilities, field: &Field, schema: Schema) -> QueryError {
    let name = if wanted.has(Abilities::NE) {
        return QueryError::query("$filter", "Filter operator 'NotEqualsMatch' is not supported.");
    } else if wanted.has(Abilities::ENDS_WITH) {
        "endsWith"
    } else if wanted.has(Abilities::NOT) {
        "not"
    } else {
        return unsupported("$filter", field, schema);
    };
    let what = format!(
        "Operator '{name}' is not supported because the required parameters might be missing. Try adding $count=true query \
         parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more information"
    );
    QueryError::query("$filter", what)
}

fn unsupported(option: &'static str, field: &Field, schema: Schema) -> QueryError {
    let name = field.name.split('/').next().unwrap_or(field.name);
    let resource = schema.resource();
    let what =
        format!("Unsupported or invalid query filter clause specified for property '{name}' of resource '{resource}'.");
    QueryError::query(option, what)
}
