//! Bars in tables, drawn so that they are printed too.

use maud::{Markup, html};

use super::palette::Hue;

/// A part of a whole, as a bar in its cell. The figure is written beside it, so the bar is only an aid.
pub(super) fn bar(part: u64, whole: u64, hue: Hue) -> Markup {
    bars(&[(part, hue)], whole)
}

/// Parts of a whole, one after the other.
pub(super) fn bars(parts: &[(u64, Hue)], whole: u64) -> Markup {
    let share = |part: u64| 100.0 * part as f64 / whole.max(1) as f64;
    let mut left = 0;
    let parts: Vec<(u64, u64, Hue)> = parts
        .iter()
        .map(|(part, hue)| {
            left += part;
            (left - part, *part, *hue)
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
