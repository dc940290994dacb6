//! The flow that sends a custom notification to groups, in the three steps of the admin centre: Basics, Assignments,
//! Review + create. Each form carries what the earlier ones have. Must not judge a send: the tenant does.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use uuid::Uuid;

use super::forecast;
use super::form::PostedForm;
use super::parts::{error_summary, hidden, lines, name, select};
use super::phrase::{CountedThing, Phrase};
use super::router::see;
use super::send::{Draft, accounts, key, refusal, sent_as};
use super::visit::{ConsoleSection, Page, PageContent, Visit};
use crate::rules::base::ids::GroupIx;
use crate::rules::base::limits::GROUPS_PER_MESSAGE_MAX;
use crate::rules::timeline::posting::Recipients;
use crate::server::control::Problem;
use crate::server::control::access::SendNote;

/// Groups that a search lists, at most.
const GROUPS_LISTED_MAX: usize = 40;

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Basics,
    Assignments,
    Review,
}

const STEPS: [(Step, Phrase); 3] =
    [(Step::Basics, Phrase::Basics), (Step::Assignments, Phrase::Assignments), (Step::Review, Phrase::ReviewCreate)];

/// What is wrong, by the field that it is shown at.
type Errors = Vec<(&'static str, String)>;

/// A step with its form.
fn step(visit: &Visit, here: Step, errors: &Errors, form: &Markup) -> PageContent {
    let at = STEPS.iter().position(|(step, _)| *step == here).unwrap_or(0);
    let body = html! {
        ol.steps {
            @for (number, (step, phrase)) in STEPS.iter().enumerate() {
                li.done[number < at] aria-current=[(*step == here).then_some("step")] {
                    span.number aria-hidden="true" { @if number < at { "✓" } @else { (number + 1) } }
                    (visit.say(*phrase))
                    @if number < at { span.unseen { " (" (visit.say(Phrase::DoneWord)) ")" } }
                }
            }
        }
        (error_summary(visit, errors))
        h2 #step tabindex="-1" data-focus[errors.is_empty() && at > 0] { (visit.say(STEPS[at].1)) }
        (form)
    };
    let content = PageContent::new(ConsoleSection::Send, visit.say(Phrase::SendNotifications), body);
    if errors.is_empty() { content } else { content.invalid() }
}

/// Basics, empty.
pub(super) async fn begin(visit: Visit) -> Response {
    visit.answer(Ok(basics(&visit, &Draft::default(), &Vec::new())))
}

/// Basics again, with what was written.
pub(super) async fn back(visit: Visit, form: PostedForm) -> Response {
    visit.answer(Ok(basics(&visit, &Draft::of(&form), &Vec::new())))
}

fn basics(visit: &Visit, draft: &Draft, errors: &Errors) -> PageContent {
    let form = html! {
        form.card method="post" action=(visit.to("/send/assignments")) {
            (groups_hidden(draft))
            (draft.fields(visit, errors))
            (select("account", visit.say(Phrase::SendAs), &accounts(visit), &draft.account))
            p.help { (visit.say(Phrase::SendAsHelp)) }
            p.actions { button.primary type="submit" name="do" value="next" { (visit.say(Phrase::Next)) } }
        }
    };
    step(visit, Step::Basics, errors, &form)
}

fn groups_hidden(draft: &Draft) -> Markup {
    html! { @for group in &draft.groups { (hidden("group", &group.to_string())) } }
}

fn text_hidden(draft: &Draft) -> Markup {
    html! { (hidden("account", &draft.account)) (hidden("title", &draft.title)) (hidden("body", &draft.body)) }
}

/// Assignments: a group is added or taken away, or searched for.
pub(super) async fn assignments(visit: Visit, form: PostedForm) -> Response {
    let mut draft = Draft::of(&form);
    let errors = draft.mistakes(&visit);
    if !errors.is_empty() {
        return visit.answer(Ok(basics(&visit, &draft, &errors)));
    }
    let id = |field| form.text(field).and_then(|id| Uuid::try_parse(id).ok());
    if let Some(added) =
        id("add").filter(|id| visit.handle.graph_ids.find_group(*id).is_some() && !draft.groups.contains(id))
    {
        draft.groups.push(added);
    }
    if let Some(removed) = id("remove") {
        draft.groups.retain(|group| *group != removed);
    }
    let page = choose(&visit, &draft, form.text("q").unwrap_or(""), Vec::new()).await;
    visit.answer(page)
}

async fn choose(visit: &Visit, draft: &Draft, words: &str, errors: Errors) -> Page {
    let world = visit.world();
    let chosen = draft.known_groups(visit);
    let wanted = words.trim().to_lowercase();
    let all = (0..).map(GroupIx).zip(&world.groups);
    let fits = |group: &(GroupIx, &crate::rules::model::group::Group)| {
        !chosen.contains(&group.0) && (wanted.is_empty() || group.1.name.to_lowercase().contains(&wanted))
    };
    let mut found: Vec<GroupIx> = all.filter(fits).take(GROUPS_LISTED_MAX + 1).map(|(group, _)| group).collect();
    let is_cut = found.len() > GROUPS_LISTED_MAX;
    found.truncate(GROUPS_LISTED_MAX);
    let reached = reached(visit, chosen.clone()).await?;
    let id = |group: GroupIx| visit.handle.graph_ids.group(group).to_string();
    let group_name = |group: GroupIx| world.groups[group.at()].name.as_str();
    let nested = |group: GroupIx| {
        let names: Vec<_> =
            world.groups[group.at()].groups.iter().map(|inner| super::parts::short(group_name(*inner), 40)).collect();
        html! { @if !names.is_empty() { span.quiet { " · " (visit.say(Phrase::NestedIn)) " " bdi { (names.join(", ")) } } } }
    };
    let form = html! {
        form.card method="post" action=(visit.to("/send/assignments")) {
            (text_hidden(draft)) (groups_hidden(draft))
            section aria-labelledby="chosen" {
                h3 #chosen tabindex="-1" { (visit.say(Phrase::IncludedGroups)) " (" (visit.language.count(chosen.len() as u64)) " / " (GROUPS_PER_MESSAGE_MAX) ")" }
                @if chosen.is_empty() { p.quiet #groups { (visit.say(Phrase::NoGroupChosen)) } }
                @else {
                    ul.picked #groups { @for group in &chosen { li {
                        span { (name(group_name(*group), 80)) (nested(*group)) }
                        button.quiet type="submit" name="remove" value=(id(*group)) aria-label={ (visit.say(Phrase::Remove)) (visit.language.colon()) (super::parts::short(group_name(*group), 80)) } { (visit.say(Phrase::Remove)) }
                    } } }
                    p.reached role="status" { (reached) }
                }
            }
            section aria-labelledby="find" {
                h3 #find { (visit.say(Phrase::AddGroups)) }
                div.search {
                    div.field { label for="q" { (visit.say(Phrase::SearchGroups)) } input type="search" id="q" name="q" value=(words) dir="auto"; }
                    button type="submit" name="do" value="search" { (visit.say(Phrase::Search)) }
                }
                @if found.is_empty() { p.quiet role="status" { (visit.say(Phrase::NoGroups)) } }
                @else { ul.picked { @for group in &found { li {
                    span { (name(group_name(*group), 80)) (nested(*group)) }
                    button type="submit" name="add" value=(id(*group)) aria-label={ (visit.say(Phrase::Add)) (visit.language.colon()) (super::parts::short(group_name(*group), 80)) } { (visit.say(Phrase::Add)) }
                } } } }
                @if is_cut { p.help { (visit.say(Phrase::MoreGroups)) } }
            }
            p.actions {
                button.primary type="submit" formaction=(visit.to("/send/review")) { (visit.say(Phrase::Next)) }
                button type="submit" formaction=(visit.to("/send")) { (visit.say(Phrase::Previous)) }
            }
        }
    };
    Ok(step(visit, Step::Assignments, &errors, &form))
}

/// The people and devices of these groups, nested ones included, as the sender sees them.
async fn reached(visit: &Visit, groups: Vec<GroupIx>) -> Result<String, Problem> {
    let users = visit.handle.host.look(move |tenant| {
        let directory = tenant.directory();
        directory.visible_users(&directory.nesting().reach(&groups))
    });
    let users = users.await?;
    let devices = visit.world().fleet.devices_of_all(&users).len();
    Ok(format!(
        "{}, {}",
        visit.counted(CountedThing::People, users.len()),
        visit.counted(CountedThing::Devices, devices)
    ))
}

/// Review + create.
pub(super) async fn review(visit: Visit, form: PostedForm) -> Response {
    let draft = Draft::of(&form);
    let errors = draft.mistakes(&visit);
    if !errors.is_empty() {
        return visit.answer(Ok(basics(&visit, &draft, &errors)));
    }
    let chosen = draft.known_groups(&visit);
    let wrong = match chosen.len() {
        0 => Some(visit.say(Phrase::ChooseAGroup)),
        1..=GROUPS_PER_MESSAGE_MAX => None,
        _ => Some(visit.say(Phrase::TooManyGroups)),
    };
    if let Some(wrong) = wrong {
        let page = choose(&visit, &draft, "", vec![("groups", wrong.to_owned())]).await;
        return visit.answer(page);
    }
    let page = overview(&visit, &draft, Vec::new()).await;
    visit.answer(page)
}

async fn overview(visit: &Visit, draft: &Draft, errors: Errors) -> Page {
    let chosen = draft.known_groups(visit);
    let posting = draft.posting(visit, Recipients::Groups(chosen.clone()))?;
    let forecast = crate::server::control::preview::forecast(&visit.handle, posting).await?;
    let world = visit.world();
    let form = html! {
        div.columns {
            section aria-labelledby="summary" {
                h3 #summary { (visit.say(Phrase::Summary)) }
                dl.facts {
                    div { dt { (visit.say(Phrase::Title)) } dd { (lines(&draft.title)) } }
                    div { dt { (visit.say(Phrase::Body)) } dd { (lines(&draft.body)) } }
                    div { dt { (visit.say(Phrase::IncludedGroups)) } dd { ul.plain { @for group in &chosen { li { (name(&world.groups[group.at()].name, 80)) } } } } }
                    div { dt { (visit.say(Phrase::SentAs)) } dd { (name(&draft.account_name(visit), 80)) } }
                }
            }
            section aria-labelledby="forecast" {
                h3 #forecast { (visit.say(Phrase::ForecastTitle)) }
                (forecast::markup(visit, &forecast))
            }
        }
        form.card method="post" action=(visit.to("/send/create")) {
            (text_hidden(draft)) (groups_hidden(draft))
            (hidden("key", &Uuid::new_v4().to_string()))
            p.actions {
                @if visit.may_operate() { button.primary #account type="submit" { (visit.say(Phrase::Create)) } }
                button type="submit" formaction=(visit.to("/send/assignments")) { (visit.say(Phrase::Previous)) }
            }
            @if !visit.may_operate() { p.help { (visit.say(Phrase::ReadOnly)) } }
        }
    };
    Ok(step(visit, Step::Review, &errors, &form))
}

/// Creates the notification.
pub(super) async fn create(visit: Visit, form: PostedForm) -> Response {
    let draft = Draft::of(&form);
    let chosen = draft.known_groups(&visit);
    let sent = async {
        if chosen.is_empty() {
            return Err(Problem::bad("the form names no group of this tenant: begin again"));
        }
        let posting = draft.posting(&visit, Recipients::Groups(chosen.clone()))?;
        Ok(sent_as(&visit, posting, key(&form)?).await)
    };
    let note = SendNote {
        account: draft.account_name(&visit),
        recipients: chosen.iter().map(|group| visit.handle.graph_ids.group(*group)).collect(),
        message: None,
    };
    let (mut response, message) = match sent.await {
        Err(problem) => return visit.answer(Err(problem)),
        Ok(Ok(message)) => {
            (see(&visit.to(&format!("/messages/{}?created=1", message.0))).into_response(), Some(message.0))
        }
        Ok(Err(error)) => {
            let status = error.status();
            let page = overview(&visit, &draft, vec![refusal(&visit, &error)]).await;
            let keep = |content: PageContent| PageContent {
                status: if status == StatusCode::OK { content.status } else { status },
                ..content
            };
            (visit.answer(page.map(keep)), None)
        }
    };
    response.extensions_mut().insert(SendNote { message, ..note });
    response
}
