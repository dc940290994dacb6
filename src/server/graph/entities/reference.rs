//! The reference documentation of all properties, generated from their tables. Must not read entities.

use super::property::{Editions, Property, PropertySource};
use super::{device, group, managed_device, organization, user};
use crate::server::graph::route::Edition;
use crate::server::odata::{Abilities, Dialect, Field, FieldKind, Rules, Schema, Shown, Support};

/// Every property of every type, as Markdown.
pub fn reference() -> String {
    let parts = [
        part("managedDevice", managed_device::table_of_contents(), managed_device::types),
        part("user", user::table_of_contents(), user::types),
        part("group", group::table_of_contents(), group::types),
        part("device", device::table_of_contents(), device::types),
        part("organization", organization::table_of_contents(), organization::types),
    ];
    format!("{HEAD}\n{}", parts.join("\n"))
}

const HEAD: &str = "\
# Graph's properties

This page is made from the tables in the code (`src/api/entities`), and a test keeps it so. It names every property of Microsoft
Graph's models in v1.0 and beta; `$select` takes each in its edition, in any letter case. What is written of an entity without
`$select` says the column *written*. Where a value comes from says the column *value*: the model (the scenario), *made up* from the
entity's stable key so that it is the same in every run, or nowhere. What an import tells of a managed device wins over both.

In the column `$filter` stands what the directory takes: by default, and in parentheses as an *advanced query*, with the header
`ConsistencyLevel: eventual` and `$count=true`. Everything else is refused with `Request_UnsupportedQuery`. Intune's properties take
all that the grammar knows.
";

fn part<R>(name: &str, table: &[Property<R>], types: impl Fn(Edition) -> Schema) -> String {
    let mut text = format!(
        "### {name}\n\n| property | type | edition | written | value | `$filter` | `$orderby` |\n|---|---|---|---|---|---|---|\n"
    );
    let is_directory = types(Edition::V1).dialect == Dialect::Directory;
    for property in table.iter().filter(|property| property.kind != FieldKind::Link) {
        let found = |edition: Edition| types(edition).find(property.name);
        let filter = if is_directory { filters(property.rules) } else { "as the grammar".to_owned() };
        let order = match (is_directory, property.kind.is_sortable()) {
            (true, _) => support(property.rules.by_order).to_owned(),
            (false, true) => "yes".to_owned(),
            (false, false) => String::new(),
        };
        let row = format!(
            "| `{}` | {} | {} | {} | {} | {filter} | {order} |\n",
            property.name,
            kind(property.kind),
            edition(property.editions),
            written(found(Edition::V1), found(Edition::Beta)),
            source(&property.source),
        );
        text.push_str(&row);
    }
    let links: Vec<String> = table
        .iter()
        .filter(|property| property.kind == FieldKind::Link)
        .map(|property| format!("`{}`", property.name))
        .collect();
    if !links.is_empty() {
        text.extend(["\nLinks, which `$select` passes over as Graph does: ", &links.join(", "), ".\n"]);
    }
    text
}

fn kind(kind: FieldKind) -> String {
    match kind {
        FieldKind::Text => "String".to_owned(),
        FieldKind::Guid => "Guid".to_owned(),
        FieldKind::Choice(words) => format!("one of {} words", words.len()),
        FieldKind::Moment => "DateTimeOffset".to_owned(),
        FieldKind::Flag => "Boolean".to_owned(),
        FieldKind::Whole => "integer".to_owned(),
        FieldKind::Texts => "String collection".to_owned(),
        FieldKind::Record(record) => short(record.name).to_owned(),
        FieldKind::Records(record) => format!("{} collection", short(record.name)),
        FieldKind::Link => "link".to_owned(),
    }
}

fn short(name: &str) -> &str {
    name.strip_prefix("microsoft.graph.").unwrap_or(name)
}

const fn edition(editions: Editions) -> &'static str {
    match editions {
        Editions::V1 => "v1.0",
        Editions::Beta => "beta",
        Editions::Both => "both",
    }
}

fn written(v1: Option<&Field>, beta: Option<&Field>) -> &'static str {
    let shown = |field: Option<&Field>| field.map(|field| field.shown);
    match (shown(v1), shown(beta)) {
        (Some(Shown::Selected), Some(Shown::Always)) => "by default in beta",
        (Some(shown), _) | (None, Some(shown)) => match shown {
            Shown::Always => "by default",
            Shown::Selected => "if selected",
            Shown::Alone => "if selected of one; else empty",
            Shown::Never => "",
        },
        (None, None) => "",
    }
}

const fn source<R>(source: &PropertySource<R>) -> &'static str {
    match source {
        PropertySource::Model(_) => "model",
        PropertySource::Derived(_) => "made up",
        PropertySource::Nothing => "null or empty",
    }
}

const fn support(support: Support) -> &'static str {
    match support {
        Support::Never => "",
        Support::Plain => "yes",
        Support::Advanced => "advanced",
    }
}

/// The supported filter operations; advanced ones are in parentheses.
fn filters(rules: Rules) -> String {
    let of = |wanted: Support| -> Vec<&str> {
        let each = Abilities::ALL.iter().filter(|(ability, _)| rules.support(*ability) == wanted);
        each.map(|(_, name)| *name).collect()
    };
    let (plain, advanced) = (of(Support::Plain).join(" "), of(Support::Advanced).join(" "));
    match (plain.is_empty(), advanced.is_empty()) {
        (_, true) => plain,
        (true, false) => format!("({advanced})"),
        (false, false) => format!("{plain} ({advanced})"),
    }
}
