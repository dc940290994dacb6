//! The forecast of a message on a page: reach within each window as a range, and why the others are not reached. Must not
//! compute a figure.

use maud::{Markup, html};

use super::parts::{name, range_bar};
use super::phrase::Phrase;
use super::visit::Visit;
use super::words;
use crate::rules::service::journey::Station;
use crate::server::control::preview::{ForecastView, PreviewView, RangeView};

pub(super) fn markup(visit: &Visit, preview: &PreviewView) -> Markup {
    html! {
        @if let Some(refusal) = &preview.refusal {
            div.banner.bad role="alert" {
                p { strong { (visit.say(Phrase::WouldBeRefused)) } }
                p lang="en" { (name(&refusal.message, 500)) }
                @if let Some(next) = refusal.next_slot_ms { p { (visit.say(Phrase::NextSlot)) " " (visit.moment(next)) } }
            }
        }
        @if let Some(forecast) = &preview.forecast { (reach(visit, forecast)) (causes(visit, forecast)) }
    }
}

/// A range as shares of a whole.
fn shares(visit: &Visit, range: RangeView, whole: u64) -> String {
    let (least, most) = (visit.language.share(range.least, whole), visit.language.share(range.most, whole));
    if least == most { least } else { format!("{least} – {most}") }
}

fn reach(visit: &Visit, forecast: &ForecastView) -> Markup {
    html! {
        table.counts {
            caption { (visit.say(Phrase::ForecastCaption)) }
            thead { tr { th scope="col" { (visit.say(Phrase::Within)) } th.right scope="col" { (visit.say(Phrase::Reach)) }
                th.right scope="col" { (visit.say(Phrase::Phones)) } th.drawn scope="col" { span.unseen { (visit.say(Phrase::Bar)) } } } }
            tbody { @for window in &forecast.reach {
                @let range = window.pairs;
                tr { th scope="row" { (visit.language.span(window.within_ms)) }
                    td.right { (shares(visit, range, forecast.pairs)) }
                    td.right { (visit.language.count(range.least)) " – " (visit.language.count(range.most)) }
                    td.drawn { (range_bar([range.least, range.middle, range.most], forecast.pairs)) } }
            } }
        }
    }
}

fn causes(visit: &Visit, forecast: &ForecastView) -> Markup {
    let missed: Vec<_> =
        forecast.causes.iter().filter(|cause| cause.station != Station::Shown.name()).take(8).collect();
    html! {
        @if !missed.is_empty() {
            h4 { (visit.say(Phrase::WhyNot)) }
            ul.plain { @for cause in missed {
                @let station = words::station_of(cause.station);
                li { (words::station_mark(station)) (words::journey(visit.language, station, cause.cause.as_deref(), cause.form)) (visit.language.colon())
                    (shares(visit, cause.pairs, forecast.pairs)) }
            } }
        }
        p.help { (visit.say(Phrase::ForecastHelp)) }
    }
}
