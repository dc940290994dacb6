//! `$select` and `$expand`: which properties are written, and which related entities with them. Must not read entities.

use super::fault::{OptionPlace, QueryError};
use super::field::{Field, FieldKind};
use super::schema::Schema;

/// Links of one `$expand`, at most.
const LINKS_MAX: usize = 8;

/// The selected properties; `None` for all of them.
///
/// # Errors
/// The part that names no property.
pub(super) fn select(text: &str, schema: Schema) -> Result<Option<Vec<&'static Field>>, QueryError> {
    let mut fields = Vec::new();
    for part in text.split(',') {
        let (name, at) = (part.trim(), part.as_ptr().addr() - text.as_ptr().addr());
        if name == "*" {
            return Ok(None);
        }
        // Selecting a part of a complex property writes all of it.
        match schema.find(name.split('/').next().unwrap_or(name)) {
            Some(field) => fields.push(field),
            None => {
                let fault = QueryError::unknown("$select", name, &schema.full_name());
                return Err(QueryError { place: Some(OptionPlace::of(text, at)), ..fault });
            }
        }
    }
    Ok(Some(fields))
}

/// Related entities that are written with an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expand {
    /// By which property.
    pub link: &'static Field,
    /// Their selected properties, by name; `None` for the default ones.
    pub select: Option<Vec<String>>,
}

impl Expand {
    /// Parses `members($select=id,displayName),owners`.
    ///
    /// # Errors
    /// The part that names no link, or an option inside that is not `$select`.
    pub(super) fn parse(text: &str, schema: Schema) -> Result<Vec<Self>, QueryError> {
        let links = parts(text).into_iter().map(|part| Self::one(part, text, schema)).collect::<Result<Vec<_>, _>>()?;
        if links.len() > LINKS_MAX {
            return Err(QueryError::new("$expand", format!("at most {LINKS_MAX} links are expanded")));
        }
        Ok(links)
    }

    fn one(part: &str, text: &str, schema: Schema) -> Result<Self, QueryError> {
        let at = part.as_ptr().addr() - text.as_ptr().addr();
        let (name, inside) = match part.split_once('(') {
            Some((name, inside)) => (name.trim(), inside.trim_end().strip_suffix(')')),
            None => (part.trim(), Some("")),
        };
        let link = schema.find(name).ok_or_else(|| QueryError::unknown("$expand", name, &schema.full_name()))?;
        if link.kind != FieldKind::Link {
            let what = format!("`{}` is no link to other entities", link.name);
            return Err(QueryError::at("$expand", what, text, at));
        }
        let inside = inside.ok_or_else(|| QueryError::at("$expand", "expected `)`", text, at))?;
        let mut select = None;
        for option in inside.split(';').map(str::trim).filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some((name, value)) if name.trim().trim_start_matches('$').eq_ignore_ascii_case("select") => {
                    select = Some(value.split(',').map(|name| name.trim().to_owned()).collect());
                }
                _ => return Err(QueryError::at("$expand", "inside a link only `$select` is supported here", text, at)),
            }
        }
        Ok(Self { link, select })
    }
}

/// The parts between commas that are not in parentheses.
fn parts(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[begin..]);
    found
}
