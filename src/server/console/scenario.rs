//! The scenario of a tenant: the whole file, and the assumptions that it uses. Must not read a file.

use axum::response::Response;
use maud::html;

use super::parts::{lines, name};
use super::phrase::Phrase;
use super::visit::{ConsoleSection, PageContent, Visit};

/// The page.
pub(super) async fn show(visit: Visit) -> Response {
    let world = visit.world();
    let text = visit.console.scenario(visit.handle.graph_ids.tenant());
    let body = html! {
        dl.facts {
            div { dt { (visit.say(Phrase::Name)) } dd { (name(&world.name, 120)) } }
            div { dt { (visit.say(Phrase::Profile)) } dd { (world.profile.name()) } }
            div { dt { (visit.say(Phrase::Seed)) } dd { (world.chance.seed()) } }
            div { dt { (visit.say(Phrase::ScenarioHash)) } dd.hash { (world.scenario_hash) } }
            div { dt { (visit.say(Phrase::ModelTimeEnds)) } dd { (visit.moment(world.horizon.ms())) } }
        }
        section aria-labelledby="assumptions" {
            h2 #assumptions { (visit.say(Phrase::Assumptions)) }
            @if world.assumptions.is_empty() { p.quiet { (visit.say(Phrase::NoAssumptions)) } }
            @else { div.scroll tabindex="0" role="group" aria-labelledby="assumptions" { table {
                thead { tr { th scope="col" { (visit.say(Phrase::Key)) } th scope="col" { (visit.say(Phrase::Value)) } } }
                tbody { @for (key, value) in &world.assumptions { tr { th scope="row" { code { (name(key, 200)) } } td { code { (name(value, 400)) } } } } }
            } } }
        }
        section aria-labelledby="expectations" { h2 #expectations { (visit.say(Phrase::Expectations)) } p.quiet { (visit.say(Phrase::NoExpectations)) } }
        section aria-labelledby="file" {
            h2 #file { (visit.say(Phrase::ResolvedFile)) }
            @match text { Some(text) => { pre.scroll tabindex="0" aria-labelledby="file" role="group" { code { (lines(text)) } } } None => { p.quiet { (visit.say(Phrase::NoFile)) } } }
        }
    };
    visit.answer(Ok(PageContent::new(ConsoleSection::Scenario, visit.say(Phrase::Scenario), body)))
}
