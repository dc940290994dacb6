//! `$search` on the directory: words that a property begins with, joined by `AND` and `OR`. Parses the text and
//! evaluates it on entities.

use std::fmt;

use super::evaluate::{Entity, value_of};
use super::fault::QueryError;
use super::field::{Field, FieldKind};
use super::schema::Schema;
use super::value::{Value, folded};

const OPTION: &str = "$search";
/// Clauses of one search, at most; each is evaluated for every entity.
const CLAUSES_MAX: usize = 50;
/// Nesting depth of parentheses, at most.
const DEPTH_MAX: usize = 16;
/// Properties that are searched word by word; all others are compared from their beginning.
const BY_WORD: [&str; 2] = ["displayName", "description"];

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// All of them.
    All(Vec<Search>),
    /// One of them.
    Any(Vec<Search>),
    /// A text in a property.
    Clause {
        /// Which property.
        field: &'static Field,
        /// The text to look for.
        text: String,
    },
}

impl Search {
    /// Parses `"displayName:ann" OR "mail:x"`.
    ///
    /// # Errors
    /// What cannot be parsed, or an unknown property.
    pub fn parse(text: &str, schema: Schema) -> Result<Self, QueryError> {
        let mut reader = Reader { text, at: 0, schema, clauses: 0 };
        let search = reader.either(0)?;
        reader.space();
        if reader.at < text.len() { Err(reader.wrong("expected `AND`, `OR` or the end")) } else { Ok(search) }
    }

    /// The properties that it uses.
    pub fn fields(&self) -> Vec<&'static Field> {
        match self {
            Self::All(terms) | Self::Any(terms) => terms.iter().flat_map(Self::fields).collect(),
            Self::Clause { field, .. } => vec![field],
        }
    }

    /// Does the entity match?
    pub fn holds(&self, entity: &impl Entity) -> bool {
        match self {
            Self::All(terms) => terms.iter().all(|term| term.holds(entity)),
            Self::Any(terms) => terms.iter().any(|term| term.holds(entity)),
            Self::Clause { field, text } => match value_of(entity, field) {
                Value::Text(value) => has(field, &value, text),
                Value::List(entries) => {
                    entries.iter().any(|entry| matches!(entry, Value::Text(value) if has(field, value, text)))
                }
                _ => false,
            },
        }
    }
}

fn has(field: &Field, value: &str, text: &str) -> bool {
    if !BY_WORD.contains(&field.name) {
        return folded(value).starts_with(&folded(text));
    }
    let words = tokens(value);
    let wanted = tokens(text);
    !wanted.is_empty() && wanted.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted.as_str())))
}

/// The words of a text, folded: they end at spaces and signs, between letters and digits, and before a capital letter.
fn tokens(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut before = ' ';
    for letter in text.chars() {
        let is_new = !before.is_alphanumeric()
            || before.is_numeric() != letter.is_numeric()
            || (before.is_lowercase() && letter.is_uppercase());
        if letter.is_alphanumeric() {
            match found.last_mut().filter(|_| !is_new) {
                Some(word) => word.extend(letter.to_lowercase()),
                None => found.push(letter.to_lowercase().collect()),
            }
        }
        before = letter;
    }
    found
}

impl fmt::Display for Search {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (terms, between) = match self {
            Self::Clause { field, text } => {
                return write!(out, "\"{}:{}\"", field.name, text.replace('\\', "\\\\").replace('"', "\\\""));
            }
            Self::All(terms) => (terms, " AND "),
            Self::Any(terms) => (terms, " OR "),
        };
        for (at, term) in terms.iter().enumerate() {
            let (before, open, close) = (
                if at > 0 { between } else { "" },
                if matches!(term, Self::Clause { .. }) { "" } else { "(" },
                if matches!(term, Self::Clause { .. }) { "" } else { ")" },
            );
            write!(out, "{before}{open}{term}{close}")?;
        }
        Ok(())
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    schema: Schema,
    clauses: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn take(&mut self, wanted: &str) -> bool {
        self.space();
        let is_there = self.rest().starts_with(wanted);
        self.at += if is_there { wanted.len() } else { 0 };
        is_there
    }

    fn wrong(&self, what: &str) -> QueryError {
        QueryError::at(OPTION, what, self.text, self.at)
    }

    fn either(&mut self, depth: usize) -> Result<Search, QueryError> {
        let mut terms = vec![self.both(depth)?];
        while self.take("OR ") || self.take("OR(") && self.back() {
            terms.push(self.both(depth)?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Search::Any(terms) })
    }

    fn both(&mut self, depth: usize) -> Result<Search, QueryError> {
        let mut terms = vec![self.term(depth)?];
        while self.take("AND ") || self.take("AND(") && self.back() {
            terms.push(self.term(depth)?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Search::All(terms) })
    }

    /// Returns a parenthesis at the end of a word to the input.
    fn back(&mut self) -> bool {
        self.at -= 1;
        true
    }

    fn term(&mut self, depth: usize) -> Result<Search, QueryError> {
        if self.take("(") {
            if depth == DEPTH_MAX {
                return Err(self.wrong("too many parentheses stand inside one another"));
            }
            let inner = self.either(depth + 1)?;
            return if self.take(")") { Ok(inner) } else { Err(self.wrong("expected `)`")) };
        }
        self.clauses += 1;
        if self.clauses > CLAUSES_MAX {
            return Err(self.wrong("a search has at most 50 clauses"));
        }
        self.clause()
    }

    /// `"displayName:ann"`; a quote or backslash inside is escaped by a backslash.
    fn clause(&mut self) -> Result<Search, QueryError> {
        if !self.take("\"") {
            return Err(self.wrong("expected a clause in double quotes"));
        }
        let begin = self.at;
        let (mut inside, mut is_escaped) = (String::new(), false);
        let end = self.rest().char_indices().find(|(_, letter)| match (is_escaped, letter) {
            (false, '"') => true,
            (false, '\\') => {
                is_escaped = true;
                false
            }
            _ => {
                inside.push(*letter);
                is_escaped = false;
                false
            }
        });
        let Some((end, _)) = end else { return Err(self.wrong("a clause in quotes does not end")) };
        self.at += end + 1;
        let Some((name, text)) = inside.split_once(':') else {
            return Err(QueryError::at(OPTION, "expected `property:text` in the quotes", self.text, begin));
        };
        let field = self.schema.find(name.trim());
        let field = field.ok_or_else(|| QueryError::unknown(OPTION, name, &self.schema.full_name()))?;
        if !matches!(field.kind, FieldKind::Text | FieldKind::Texts) {
            return Err(QueryError::at(OPTION, "only texts are searched", self.text, begin));
        }
        Ok(Search::Clause { field, text: text.trim().to_owned() })
    }
}
