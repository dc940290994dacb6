//! The first check: whether a document fits the grammar. Reports every key and value that does not, and removes the
//! value from the document, so that no later step can use it. Must not interpret values.

use super::document::{DocumentValue, Node, Table};
use super::hints;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics, a, listed, nearest, shown};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::parts::{Grammar, Need, Shape};
use crate::scenario::grammar::values::{
    Unreadable, duration_ms, duration_text, rate_units, ratio, speed_thousandths, time_of_day_ms,
};

/// Checks a table against its grammar. Each value that is reported becomes [`DocumentValue::Refused`].
pub(crate) fn table(table: &mut Table, grammar: &Grammar, place: SourceSpan, out: &mut Diagnostics) {
    for (name, entry) in &mut table.entries {
        if let Some(key) = grammar.key(name) {
            value(&mut entry.node, &key.shape, key.name, out);
        } else if !out.full() || !out.has_errors() {
            let near = nearest(name, grammar.keys.iter().map(|key| key.name));
            let help = match (hints::of_key(grammar.noun, name), near) {
                (Some(hint), _) => hint.to_owned(),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => format!("known keys are {}", listed(grammar.keys.iter().map(|key| key.name))),
            };
            let message = format!("unknown key `{}` in {}", shown(name), a(grammar.noun));
            out.report(Diagnostic::new(Code::UnknownKey, entry.key_place, message).help(help));
        } else {
            out.report(Diagnostic::new(Code::UnknownKey, entry.key_place, "unknown key"));
        }
    }
    for key in grammar.keys {
        if matches!(key.need, Need::Required) && table.get(key.name).is_none() {
            let message = format!("{} needs `{}`", a(grammar.noun), key.name);
            let help = format!("add `{} = …`: {}", key.name, key.shape.describe());
            out.report(Diagnostic::new(Code::MissingKey, place, message).help(help));
        }
    }
}

/// Reports a value and removes it from the document.
fn refuse(node: &mut Node, diagnostic: Diagnostic, out: &mut Diagnostics) {
    node.value = DocumentValue::Refused;
    out.report(diagnostic);
}

/// Checks a value against its shape.
fn value(node: &mut Node, shape: &Shape, key: &str, out: &mut Diagnostics) {
    let fitting: Vec<&Shape> = shape.alternatives().iter().filter(|one| fits(one, node)).collect();
    match fitting.as_slice() {
        [] => {
            let message = format!("`{key}` cannot be {}", node.kind());
            let found = Diagnostic::new(Code::WrongType, node.place, message);
            let help = hints::of_value(key, shape, node);
            refuse(node, found.label(format!("expected {}", shape.describe())).maybe_help(help), out);
        }
        [one] => one_shape(node, one, shape, key, out),
        several => {
            if !several.iter().any(|one| readable(node, one)) {
                let what = shown(node.as_text().unwrap_or_default());
                // Between a word and a notation, a mistyped word is recognised by its likeness.
                let near = several
                    .iter()
                    .find_map(|one| if let Shape::Word(words) = one { meant(&what, words) } else { None });
                let help = near.map(|near| format!("did you mean \"{near}\"?"));
                let help = help.or_else(|| hints::of_value(key, shape, node));
                let found = Diagnostic::new(Code::BadValue, node.place, format!("`{key}` cannot be \"{what}\""));
                let found = found.label(format!("expected {}", shape.describe()));
                refuse(node, found.maybe_help(help), out);
            }
        }
    }
}

/// Whether a value has the TOML type of a shape.
fn fits(shape: &Shape, node: &Node) -> bool {
    match &node.value {
        DocumentValue::Text(text) => match shape {
            Shape::Ratio => !text.contains('/'),
            Shape::Text | Shape::Word(_) | Shape::Duration(_) | Shape::Rate | Shape::Speed | Shape::TimeOfDay => true,
            _ => false,
        },
        DocumentValue::Integer(_) => matches!(shape, Shape::Whole(..) | Shape::Ratio | Shape::Speed),
        DocumentValue::Float(_) => matches!(shape, Shape::Ratio | Shape::Speed),
        DocumentValue::YesNo(_) => matches!(shape, Shape::YesNo),
        DocumentValue::Moment(_) => matches!(shape, Shape::Moment),
        DocumentValue::Array(_) => matches!(shape, Shape::Names | Shape::Tables(_)),
        DocumentValue::Table(_) => matches!(shape, Shape::Table(_) | Shape::Map(_) | Shape::Words(..)),
        DocumentValue::Refused => false,
    }
}

fn readable(node: &Node, shape: &Shape) -> bool {
    match shape {
        Shape::Word(words) => node.as_text().is_some_and(|text| words.contains(&text)),
        _ => scalar(node, shape).is_ok(),
    }
}

fn one_shape(node: &mut Node, shape: &Shape, whole: &Shape, key: &str, out: &mut Diagnostics) {
    let place = node.place;
    match (shape, &mut node.value) {
        (Shape::Word(words), DocumentValue::Text(text)) if !words.contains(&text.as_str()) => {
            let found = Diagnostic::new(Code::UnknownWord, place, format!("`{key}` cannot be \"{}\"", shown(text)));
            let near = meant(text, words).map(|near| format!("did you mean \"{near}\"?"));
            refuse(node, found.label(format!("expected {}", whole.describe())).maybe_help(near), out);
        }
        (Shape::Names, DocumentValue::Array(items)) => {
            for item in items.iter_mut().filter(|item| item.as_text().is_none()) {
                let message = format!("`{key}` lists names, not {}", item.kind());
                let found = Diagnostic::new(Code::WrongType, item.place, message).label("expected a string");
                refuse(item, found, out);
            }
        }
        (Shape::Tables(grammar), DocumentValue::Array(items)) => {
            for item in items {
                if let DocumentValue::Table(inner) = &mut item.value {
                    table(inner, grammar, item.place, out);
                } else {
                    let message = format!("`{key}` is an array of tables, and this is {}", item.kind());
                    refuse(item, Diagnostic::new(Code::WrongType, item.place, message), out);
                }
            }
        }
        (Shape::Table(grammar), DocumentValue::Table(inner)) => table(inner, grammar, place, out),
        (Shape::Map(shape), DocumentValue::Table(inner)) => {
            inner.entries.iter_mut().for_each(|(name, entry)| value(&mut entry.node, shape, &shown(name), out));
        }
        (Shape::Words(words, shape), DocumentValue::Table(inner)) => {
            for (word, entry) in &mut inner.entries {
                if words.contains(&word.as_str()) {
                    value(&mut entry.node, shape, word, out);
                } else {
                    let found = format!("`{}` is no word for `{key}`", shown(word));
                    let near = nearest(word, words.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                    let found = Diagnostic::new(Code::UnknownWord, entry.key_place, found);
                    let found = found.label(format!("expected {}", listed(words.iter().copied()))).maybe_help(near);
                    refuse(&mut entry.node, found, out);
                }
            }
        }
        _ => {
            if let Err(wrong) = scalar(node, shape) {
                let hint = hints::of_value(key, whole, node);
                refuse(node, unreadable(place, shape, key, &wrong, hint), out);
            }
        }
    }
}

/// The word that is meant by another one.
fn meant(word: &str, words: &[&'static str]) -> Option<&'static str> {
    hints::synonym(word, words).or_else(|| nearest(word, words.iter().copied()))
}

/// The diagnostic for an unreadable scalar.
fn unreadable(place: SourceSpan, shape: &Shape, key: &str, wrong: &Unreadable, hint: Option<String>) -> Diagnostic {
    let range = match shape {
        Shape::Whole(..) => shape.describe(),
        Shape::Duration(least) if *least > 1 => format!("at least {}", duration_text(*least)),
        _ => String::new(),
    };
    let label = if range.is_empty() { range } else { format!("expected {range}") };
    let help = hint.or_else(|| (!wrong.help.is_empty()).then(|| wrong.help.to_owned()));
    Diagnostic::new(Code::BadValue, place, format!("`{key}` is {}", wrong.message)).label(label).maybe_help(help)
}

/// Whether a scalar can be read. `view` reads everything that passes here.
fn scalar(node: &Node, shape: &Shape) -> Result<(), Unreadable> {
    match (shape, &node.value) {
        (Shape::Duration(least), DocumentValue::Text(text)) => match duration_ms(text)? {
            0 if *least > 0 => Err(Unreadable {
                message: "zero, which means nothing here",
                help: "write a duration of at least \"1ms\"",
            }),
            ms if ms < *least => Err(Unreadable { message: "too short", help: "" }),
            _ => Ok(()),
        },
        (Shape::Ratio, DocumentValue::Text(text)) if !text.ends_with('%') => Err(Unreadable {
            message: "not a ratio",
            help: "write a number from 0 to 1, or a percentage such as \"5%\"",
        }),
        (Shape::Ratio, DocumentValue::Text(text) | DocumentValue::Float(text)) => ratio(text).map(drop),
        (Shape::Ratio, DocumentValue::Integer(number)) => ratio(&number.to_string()).map(drop),
        (Shape::Rate, DocumentValue::Text(text)) => rate_units(text).map(drop),
        (Shape::TimeOfDay, DocumentValue::Text(text)) => time_of_day_ms(text).map(drop),
        (Shape::Speed, DocumentValue::Text(text) | DocumentValue::Float(text)) => speed_thousandths(text).map(drop),
        (Shape::Speed, DocumentValue::Integer(number)) => speed_thousandths(&number.to_string()).map(drop),
        (Shape::Whole(from, to), DocumentValue::Integer(number)) => {
            if (i128::from(*from)..=i128::from(*to)).contains(number) {
                Ok(())
            } else {
                Err(Unreadable { message: "out of range", help: "" })
            }
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::diagnostics::source::Source;
    use crate::scenario::grammar::keys::SCENARIO;
    use crate::scenario::text::document;
    use crate::scenario::text::view::View;

    /// Checks a document; returns which of these keys of its first fault have a reported value, and which have none.
    fn refused(text: &str, keys: [&str; 4]) -> [bool; 4] {
        let mut out = Diagnostics::default();
        let source = out.add_source(Source::new("a.toml", text));
        let mut document = document::parse(source, &mut out).expect("it is TOML");
        table(&mut document, &SCENARIO, SourceSpan::default(), &mut out);
        let root = View { table: &document, place: SourceSpan::default() };
        let fault = root.tables("fault")[0];
        for key in keys {
            let is_read = [fault.duration(key).is_some(), fault.text(key).is_some(), fault.ratio(key).is_some()];
            assert!(!fault.is_refused(key) || is_read == [false; 3], "{key} is reported and read");
        }
        keys.map(|key| fault.has(key) && fault.is_refused(key))
    }

    #[test]
    fn a_reported_value_is_still_present_but_cannot_be_read() {
        let head = "[[fault]]\nname = \"f\"\nkind = \"loss\"\n";
        let keys = ["for", "every", "rate", "scope"];
        assert_eq!(refused(&format!("{head}for = \"1s\"\nevery = \"0s\"\nrate = 2"), keys), [false, true, true, false]);
        assert_eq!(refused(&format!("{head}for = 5\nscope = {{ pick = -1 }}"), keys), [true, false, false, true]);
        let keys = ["kind", "mode", "delay", "may_touch_nothing"];
        let text = "[[fault]]\nname = \"f\"\nkind = \"losss\"\nmode = 1\ndelay = [1]\nmay_touch_nothing = \"yes\"";
        assert_eq!(refused(text, keys), [true, true, true, true]);
    }
}
