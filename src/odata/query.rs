//! All query options of one request, read together. Answers nothing.

use super::fault::Fault;
use super::field::{Field, Schema, find};
use super::filter::Filter;
use super::order::Order;
use super::skip::SkipToken;

/// How many entities a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize {
    /// If nothing is said.
    pub default: u32,
    /// At most.
    pub max: u32,
}

/// What is asked of a list, or of one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which entities.
    pub filter: Option<Filter>,
    /// Which fields, as asked; `None` for all.
    pub select: Option<Vec<&'static Field>>,
    /// In which order.
    pub order: Order,
    /// Entities of a page.
    pub top: u32,
    /// Where the page begins.
    pub skip: Option<SkipToken>,
    /// Shall all of them be counted?
    pub count: bool,
    /// What the next page's token is bound to.
    pub question: String,
}

impl Query {
    /// Reads the options of a request to a list of entities with these fields. Names have any letter case, with or without
    /// their dollar sign; those that do not begin with one and are not known are passed over, as Graph does.
    ///
    /// # Errors
    /// The first option that is wrong, given twice, or not supported.
    pub fn read<'o>(
        options: impl Iterator<Item = (&'o str, &'o str)>,
        schema: Schema,
        size: PageSize,
    ) -> Result<Self, Fault> {
        let mut query = Self { top: size.default, ..Self::default() };
        let (mut seen, mut token) = (Vec::new(), None);
        for (name, value) in options {
            let plain = name.trim_start_matches('$').to_ascii_lowercase();
            let Some(option) = KNOWN.iter().find(|known| known[1..] == plain) else {
                if name.starts_with('$') {
                    let name: String = name.chars().take(60).collect();
                    return Err(Fault::new("query", format!("there is no option `{name}`")));
                }
                continue;
            };
            if seen.contains(option) {
                return Err(Fault::new(option, "it is given twice"));
            }
            seen.push(*option);
            match *option {
                "$filter" => query.filter = Some(Filter::parse(value, schema)?),
                "$select" => query.select = select(value, schema)?,
                "$orderby" => query.order = Order::parse(value, schema)?,
                "$top" => query.top = top(value, size)?,
                "$skiptoken" => token = Some(value),
                "$count" => query.count = flag(value)?,
                "$format" if value.to_ascii_lowercase().contains("json") => {}
                option => return Err(Fault::new(option, "this option is not supported here")),
            }
        }
        query.question = query.question(schema);
        query.skip = token.map(|token| SkipToken::parse(token, &query.question)).transpose()?;
        Ok(query)
    }

    fn question(&self, schema: Schema) -> String {
        let filter = self.filter.as_ref().map(ToString::to_string).unwrap_or_default();
        let names: Vec<&str> = schema.iter().map(|field| field.name).collect();
        format!("{filter}\n{:?}\n{}", self.order, names.join(","))
    }

    /// Is the field asked for?
    pub fn wants(&self, field: &Field) -> bool {
        self.select.as_ref().is_none_or(|fields| fields.iter().any(|wanted| wanted.name == field.name))
    }
}

/// The options that have a meaning; `$search` and `$expand` have none here, and are refused by name.
const KNOWN: [&str; 10] =
    ["$filter", "$select", "$orderby", "$top", "$skiptoken", "$count", "$format", "$search", "$expand", "$skip"];

fn select(text: &str, schema: Schema) -> Result<Option<Vec<&'static Field>>, Fault> {
    let mut fields = Vec::new();
    for part in text.split(',') {
        let (name, at) = (part.trim(), part.as_ptr().addr() - text.as_ptr().addr());
        match find(schema, name) {
            _ if name == "*" => return Ok(None),
            Some(field) => fields.push(field),
            None => {
                let name: String = name.chars().take(60).collect();
                return Err(Fault::at("$select", format!("there is no property `{name}` here"), text, at));
            }
        }
    }
    Ok(Some(fields))
}

fn top(text: &str, size: PageSize) -> Result<u32, Fault> {
    let found = text.parse::<u32>().ok().filter(|top| (1..=size.max).contains(top));
    found.ok_or_else(|| Fault::at("$top", format!("a page has 1 to {} entries", size.max), text, 0))
}

fn flag(text: &str) -> Result<bool, Fault> {
    let found = text.to_ascii_lowercase().parse();
    found.map_err(|_| Fault::at("$count", "expected `true` or `false`", text, 0))
}
