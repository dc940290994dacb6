//! The first check: does a document fit the grammar? Reports every key and value that does not. Knows no meaning.

use super::diagnostic::{Code, Diagnostic, Diagnostics, a, listed, nearest, shown};
use super::document::{Node, Table, Value};
use super::grammar::{Grammar, Need, Shape};
use super::source::Place;
use super::values::{Unreadable, duration_ms, duration_text, rate_units, ratio, speed_thousandths, time_of_day_ms};

/// Checks a table against its grammar.
pub(crate) fn table(table: &Table, grammar: &Grammar, place: Place, out: &mut Diagnostics) {
    for (name, entry) in &table.entries {
        if let Some(key) = grammar.key(name) {
            value(&entry.node, &key.shape, key.name, out);
        } else if !out.full() || !out.has_errors() {
            let help = match nearest(name, grammar.keys.iter().map(|key| key.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys are {}", listed(grammar.keys.iter().map(|key| key.name))),
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

/// Checks a value against what it may be.
fn value(node: &Node, shape: &Shape, key: &str, out: &mut Diagnostics) {
    let fitting: Vec<&Shape> = shape.alternatives().iter().filter(|one| fits(one, node)).collect();
    match fitting.as_slice() {
        [] => {
            let message = format!("`{key}` cannot be {}", node.kind());
            let found = Diagnostic::new(Code::WrongType, node.place, message);
            out.report(found.label(format!("expected {}", shape.describe())));
        }
        [one] => one_shape(node, one, shape, key, out),
        several => {
            if !several.iter().any(|one| readable(node, one)) {
                let what = shown(node.as_text().unwrap_or_default());
                // Between a word and a notation, a mistyped word is told by its likeness.
                let near = several.iter().find_map(|one| {
                    if let Shape::Word(words) = one { nearest(&what, words.iter().copied()) } else { None }
                });
                let found = Diagnostic::new(Code::BadValue, node.place, format!("`{key}` cannot be \"{what}\""));
                let found = found.label(format!("expected {}", shape.describe()));
                out.report(found.maybe_help(near.map(|near| format!("did you mean \"{near}\"?"))));
            }
        }
    }
}

/// Is a value of the TOML type that a shape is written in?
fn fits(shape: &Shape, node: &Node) -> bool {
    match &node.value {
        Value::Text(text) => match shape {
            Shape::Ratio => !text.contains('/'),
            Shape::Text | Shape::Word(_) | Shape::Duration(_) | Shape::Rate | Shape::Speed | Shape::TimeOfDay => true,
            _ => false,
        },
        Value::Integer(_) => matches!(shape, Shape::Whole(..) | Shape::Ratio | Shape::Speed),
        Value::Float(_) => matches!(shape, Shape::Ratio | Shape::Speed),
        Value::YesNo(_) => matches!(shape, Shape::YesNo),
        Value::Moment(_) => matches!(shape, Shape::Moment),
        Value::Array(_) => matches!(shape, Shape::Names | Shape::Tables(_)),
        Value::Table(_) => matches!(shape, Shape::Table(_) | Shape::Map(_) | Shape::Words(..)),
    }
}

fn readable(node: &Node, shape: &Shape) -> bool {
    match shape {
        Shape::Word(words) => node.as_text().is_some_and(|text| words.contains(&text)),
        _ => scalar(node, shape).is_ok(),
    }
}

fn one_shape(node: &Node, shape: &Shape, whole: &Shape, key: &str, out: &mut Diagnostics) {
    match (shape, &node.value) {
        (Shape::Word(words), Value::Text(text)) if !words.contains(&text.as_str()) => {
            let found =
                Diagnostic::new(Code::UnknownWord, node.place, format!("`{key}` cannot be \"{}\"", shown(text)));
            let near = nearest(text, words.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
            out.report(found.label(format!("expected {}", whole.describe())).maybe_help(near));
        }
        (Shape::Names, Value::Array(items)) => {
            for item in items.iter().filter(|item| item.as_text().is_none()) {
                let message = format!("`{key}` lists names, not {}", item.kind());
                out.report(Diagnostic::new(Code::WrongType, item.place, message).label("expected a string"));
            }
        }
        (Shape::Tables(grammar), Value::Array(items)) => {
            for item in items {
                if let Value::Table(inner) = &item.value {
                    table(inner, grammar, item.place, out);
                } else {
                    let message = format!("`{key}` is an array of tables, and this is {}", item.kind());
                    out.report(Diagnostic::new(Code::WrongType, item.place, message));
                }
            }
        }
        (Shape::Table(grammar), Value::Table(inner)) => table(inner, grammar, node.place, out),
        (Shape::Map(shape), Value::Table(inner)) => {
            inner.entries.iter().for_each(|(name, entry)| value(&entry.node, shape, &shown(name), out));
        }
        (Shape::Words(words, shape), Value::Table(inner)) => {
            for (word, entry) in &inner.entries {
                if words.contains(&word.as_str()) {
                    value(&entry.node, shape, word, out);
                } else {
                    let found = format!("`{}` is no word for `{key}`", shown(word));
                    let near = nearest(word, words.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                    let found = Diagnostic::new(Code::UnknownWord, entry.key_place, found);
                    out.report(found.label(format!("expected {}", listed(words.iter().copied()))).maybe_help(near));
                }
            }
        }
        _ => {
            if let Err(Unreadable { message, help }) = scalar(node, shape) {
                let message = format!("`{key}` is {message}");
                let range = if let Shape::Whole(..) = shape { shape.describe() } else { String::new() };
                let range = match shape {
                    Shape::Duration(least) if *least > 1 => format!("at least {}", duration_text(*least)),
                    _ => range,
                };
                let label = if range.is_empty() { range } else { format!("expected {range}") };
                let help = (!help.is_empty()).then(|| help.to_owned());
                out.report(Diagnostic::new(Code::BadValue, node.place, message).label(label).maybe_help(help));
            }
        }
    }
}

/// Can a scalar be read? Everything that passes here, `view` reads.
fn scalar(node: &Node, shape: &Shape) -> Result<(), Unreadable> {
    match (shape, &node.value) {
        (Shape::Duration(least), Value::Text(text)) => match duration_ms(text)? {
            0 if *least > 0 => Err(Unreadable {
                message: "zero, which means nothing here",
                help: "write a duration of at least \"1ms\"",
            }),
            ms if ms < *least => Err(Unreadable { message: "too short", help: "" }),
            _ => Ok(()),
        },
        (Shape::Ratio, Value::Text(text)) if !text.ends_with('%') => Err(Unreadable {
            message: "not a ratio",
            help: "write a number from 0 to 1, or a percentage such as \"5%\"",
        }),
        (Shape::Ratio, Value::Text(text) | Value::Float(text)) => ratio(text).map(drop),
        (Shape::Ratio, Value::Integer(number)) => ratio(&number.to_string()).map(drop),
        (Shape::Rate, Value::Text(text)) => rate_units(text).map(drop),
        (Shape::TimeOfDay, Value::Text(text)) => time_of_day_ms(text).map(drop),
        (Shape::Speed, Value::Text(text) | Value::Float(text)) => speed_thousandths(text).map(drop),
        (Shape::Speed, Value::Integer(number)) => speed_thousandths(&number.to_string()).map(drop),
        (Shape::Whole(from, to), Value::Integer(number)) => {
            if (i128::from(*from)..=i128::from(*to)).contains(number) {
                Ok(())
            } else {
                Err(Unreadable { message: "out of range", help: "" })
            }
        }
        _ => Ok(()),
    }
}
