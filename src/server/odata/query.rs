//! All query options of one request, parsed together. Must not answer anything.

use super::advanced::Asking;
use super::fault::{Mistake, QueryError};
use super::field::{Field, Shown};
use super::filter::Filter;
use super::order::Order;
use super::schema::{Dialect, Schema};
use super::search::Search;
use super::select::{Expand, select};
use super::skip::SkipToken;

/// The number of entities on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// Without `$top`.
    pub default: u32,
    /// At most.
    pub max: u32,
}

/// A query on a list, or on one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which entities.
    pub filter: Option<Filter>,
    /// Which entities, by `$search`.
    pub search: Option<Search>,
    /// The selected fields; `None` for the default ones.
    pub select: Option<Vec<&'static Field>>,
    /// Is every property selected, by `$select=*`?
    pub is_whole: bool,
    /// Which related entities are written with each.
    pub expand: Vec<Expand>,
    /// In which order.
    pub order: Order,
    /// Entities of a page.
    pub top: u32,
    /// Entities skipped before the first page.
    pub offset: u32,
    /// Where the page begins.
    pub skip: Option<SkipToken>,
    /// Is the total requested?
    pub count: bool,
    /// The text that the next page's token is bound to.
    pub question: String,
}

impl Query {
    /// Parses the options of a request to a list of entities of this type. Names are case-insensitive, with or without
    /// the dollar sign; unknown names without a dollar sign are ignored, as in Graph.
    ///
    /// # Errors
    /// The first option that is wrong, given twice, or not supported; then what the directory refuses.
    pub fn read<'o>(
        options: impl Iterator<Item = (&'o str, &'o str)>,
        schema: Schema,
        size: PageSize,
        asking: Asking,
    ) -> Result<Self, QueryError> {
        let mut query = Self { top: size.default, ..Self::default() };
        let (mut seen, mut token) = (Vec::new(), None);
        for (name, value) in options {
            let plain = name.trim_start_matches('$').to_ascii_lowercase();
            let Some(option) = KNOWN.iter().find(|known| known[1..] == plain) else {
                if name.starts_with('$') {
                    let name: String = name.chars().take(60).collect();
                    return Err(QueryError::new("query", format!("there is no option `{name}`")));
                }
                continue;
            };
            if seen.contains(option) {
                return Err(QueryError::new(option, "it is given twice"));
            }
            seen.push(*option);
            match *option {
                "$skiptoken" => token = Some(value),
                "$top" => query.top = top(value, size)?,
                option => query.take(option, value, schema)?,
            }
        }
        query = query.judged(schema, asking)?;
        query.question = query.question(schema);
        query.skip = token.map(|token| SkipToken::parse(token, &query.question)).transpose()?;
        Ok(query)
    }

    fn take(&mut self, option: &'static str, value: &str, schema: Schema) -> Result<(), QueryError> {
        match option {
            "$filter" => self.filter = Some(Filter::parse(value, schema)?),
            "$search" if schema.dialect == Dialect::Directory => self.search = Some(Search::parse(value, schema)?),
            "$select" => {
                self.select = select(value, schema)?;
                self.is_whole = self.select.is_none();
            }
            "$expand" => self.expand = Expand::parse(value, schema)?,
            "$orderby" => self.order = Order::parse(value, schema)?,
            "$count" => self.count = flag(value)?,
            "$skip" if schema.dialect == Dialect::Intune => self.offset = offset(value)?,
            "$skip" => return Err(QueryError { mistake: Mistake::Option, ..QueryError::new("$skip", NO_SKIP) }),
            "$format" if value.to_ascii_lowercase().contains("json") => {}
            option => return Err(QueryError::new(option, "this option is not supported here")),
        }
        Ok(())
    }

    fn question(&self, schema: Schema) -> String {
        let filter = self.filter.as_ref().map(ToString::to_string).unwrap_or_default();
        let search = self.search.as_ref().map(ToString::to_string).unwrap_or_default();
        let order: Vec<String> =
            self.order.0.iter().map(|(field, direction)| format!("{} {direction:?}", field.name)).collect();
        format!("{filter}\n{search}\n{}\n{}\n{}", order.join(","), self.offset, schema.name)
    }

    /// Is the property selected by name?
    pub fn selects(&self, name: &str) -> bool {
        self.select.as_ref().is_some_and(|fields| fields.iter().any(|wanted| wanted.name == name))
    }

    /// Is the property written?
    pub fn wants(&self, field: &Field) -> bool {
        match (field.shown, &self.select) {
            (Shown::Never, _) => false,
            (_, Some(_)) => self.selects(field.name),
            (Shown::Always | Shown::Alone, None) => true,
            (Shown::Selected, None) => self.is_whole,
        }
    }
}

/// The options that are supported.
const KNOWN: [&str; 10] =
    ["$filter", "$select", "$orderby", "$top", "$skiptoken", "$count", "$format", "$search", "$expand", "$skip"];

const NO_SKIP: &str = "'$skip' is not supported by the service.";

fn top(text: &str, size: PageSize) -> Result<u32, QueryError> {
    let found = text.parse::<u32>().ok().filter(|top| (1..=size.max).contains(top));
    found.ok_or_else(|| QueryError::at("$top", format!("a page has 1 to {} entries", size.max), text, 0))
}

fn offset(text: &str) -> Result<u32, QueryError> {
    text.parse().map_err(|_| QueryError::at("$skip", "expected a whole number", text, 0))
}

fn flag(text: &str) -> Result<bool, QueryError> {
    let found = text.to_ascii_lowercase().parse();
    found.map_err(|_| QueryError::at("$count", "expected `true` or `false`", text, 0))
}
