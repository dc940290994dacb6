//! Pieces of pages: names, bars, tables' ends, fields of forms. Every text of a person goes through [`name`] or is escaped as it
//! is. Must not ask a tenant.

use std::borrow::Cow;

use maud::{Markup, html};

use super::phrase::Phrase;
use super::visit::Visit;
use crate::rules::base::visible;

/// A text on one line, cut to so many characters; what has no width is written out.
pub(super) fn short(text: &str, characters_max: usize) -> String {
    let cut = match text.char_indices().nth(characters_max) {
        Some((at, _)) => Cow::Owned(format!("{}…", &text[..at])),
        None => Cow::Borrowed(text),
    };
    visible::one_line(&cut).into_owned()
}

/// The same as a name of its own: its direction does not change that of what is around it.
pub(super) fn name(text: &str, characters_max: usize) -> Markup {
    html! { bdi { (short(text, characters_max)) } }
}

/// A text with its lines, as a phone shows it.
pub(super) fn lines(text: &str) -> Markup {
    html! { bdi.lines { (visible::lines(text)) } }
}

/// A bar for a part of a whole; the number stands beside it.
pub(super) fn bar(part: u64, whole: u64, class: &str) -> Markup {
    let width = if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 1_000.0).round() / 10.0 };
    html! {
        svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.track width="100" height="8" rx="1" {}
            rect class=(class) width=(format!("{width:.1}")) height="8" rx="1" {}
        }
    }
}

/// A range of shares with its median, from 0 to 1.
pub(super) fn range_bar([least, middle, most]: [u64; 3], whole: u64) -> Markup {
    let at = |pairs: u64| if whole == 0 { 0.0 } else { pairs as f64 / whole as f64 * 100.0 };
    html! {
        svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.track width="100" height="8" rx="1" {}
            rect.shown width=(format!("{:.2}", at(least))) height="8" rx="1" {}
            rect.spread x=(format!("{:.2}", at(least))) width=(format!("{:.2}", (at(most) - at(least)).max(0.6))) height="8" {}
            rect.middle x=(format!("{:.2}", (at(middle) - 0.3).max(0.0))) width="0.6" height="8" {}
        }
    }
}

/// A figure with its name.
pub(super) fn tile(what: &str, figure: &Markup, more: &Markup) -> Markup {
    html! { div { dt { (what) } dd { span.figure { (figure) } (more) } } }
}

/// A hidden field.
pub(super) fn hidden(field: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(field) value=(value); }
}

/// A line of text to fill in, or several lines.
pub(super) struct TextField<'a> {
    pub(super) id: &'static str,
    pub(super) label: &'a str,
    pub(super) value: &'a str,
    pub(super) help: Option<String>,
    pub(super) error: Option<String>,
    pub(super) rows: usize,
    /// Characters, in a browser that counts them.
    pub(super) characters_max: Option<usize>,
}

impl TextField<'_> {
    pub(super) fn markup(&self) -> Markup {
        let Self { id, label, value, help, error, rows, characters_max } = self;
        let about = [help.as_ref().map(|_| format!("{id}-help")), error.as_ref().map(|_| format!("{id}-error"))];
        let about: Vec<String> = about.into_iter().flatten().collect();
        let described = (!about.is_empty()).then(|| about.join(" "));
        let invalid = error.is_some().then_some("true");
        html! {
            div.field.wrong[error.is_some()] {
                label for=(id) { (label) }
                @if let Some(error) = error { p.error id={ (id) "-error" } { (error) } }
                @if *rows > 1 {
                    textarea id=(id) name=(id) rows=(rows) aria-describedby=[described.as_deref()] aria-invalid=[invalid]
                        data-max=[*characters_max] dir="auto" { "\n" (value) }
                } @else {
                    input type="text" id=(id) name=(id) value=(value) aria-describedby=[described.as_deref()] aria-invalid=[invalid]
                        data-max=[*characters_max] autocomplete="off" dir="auto";
                }
                @if let Some(help) = help { p.help id={ (id) "-help" } { (help) } }
            }
        }
    }
}

/// A choice of one of several, each with its value and its name.
pub(super) fn select(id: &str, label: &str, choices: &[(String, String)], chosen: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            select id=(id) name=(id) {
                @for (value, text) in choices { option value=(value) selected[value == chosen] { (text) } }
            }
        }
    }
}

/// What is wrong with a form, each linked to its field.
pub(super) fn error_summary(visit: &Visit, errors: &[(&str, String)]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.errors role="alert" tabindex="-1" data-focus {
                h2 { (visit.say(Phrase::ThereIsAProblem)) }
                ul { @for (field, error) in errors { li { a href={ "#" (field) } { (error) } } } }
            }
        }
    }
}

/// The links at the end of a list: the page after, and the first one.
pub(super) fn pager(visit: &Visit, first: Option<String>, next: Option<String>) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav.pager aria-label=(visit.say(Phrase::Pages)) {
                @if let Some(first) = first { a href=(first) { (visit.say(Phrase::FirstPage)) } }
                @if let Some(next) = next { a rel="next" href=(next) { (visit.say(Phrase::NextPage)) } }
            }
        }
    }
}

/// A value in the query of an address.
pub(super) fn query(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
