//! Bars in tables, drawn so that they are printed too.

use maud::{Markup, html};

use super::palette::Hue;
use crate::report::document::layer::Layer;

/// Parts of a whole, one after the other.
pub(super) fn bars(parts: &[(u64, Layer)], whole: u64) -> Markup {
    let share = |part: u64| 100.0 * part as f64 / whole.max(1) as f64;
    let mut left = 0;
    let parts: Vec<(u64, u64, Hue)> = parts
        .iter()
        .map(|(part, layer)| {
            left += part;
            (left - part, *part, Hue::from(*layer))
        })
        .filter(|(_, part, _)| *part > 0)
        .collect();
    html! {
        svg.bar aria-hidden="true" {
            @for (left, part, hue) in parts {
                rect x={ (format!("{:.3}", share(left))) "%" } width={ (format!("{:.3}", share(part))) "%" }
                    height="100%" class=(hue.name()) {}
            }
        }
    }
}
