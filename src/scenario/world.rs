//! From a checked document to a world, part by part, each in its file. Reports all problems and does not stop at the
//! first.

use crate::rules::base::chance::Chance;
use crate::rules::base::limits::MESSAGES_LISTED_MAX;
use crate::rules::base::profile::Profile;
use crate::rules::faults::united::Unions;
use crate::rules::model::phone_by_hand::PhonesByHand;
use crate::rules::model::world::World;
use crate::rules::service::access::{DOMAIN, is_domain};

use super::build::builder::Build;
use super::build::groups::{self, ADMINISTRATOR};
use super::build::names::Names;
use super::build::sends::{self, SendRefs};
use super::build::zone::Times;
use super::build::{baseline, changes, delivery, faults, fleet, imported_groups, nights, service, windows};
use super::diagnostics::diagnostic::{Code, Diagnostic};
use super::diagnostics::source::SourceSpan;
use super::expectation::expect;
use super::text::canonical;
use super::text::document::Table;
use super::text::view::View;

/// Builds a world from a checked document; `None` if it is stopped. A reported part may be replaced by anything valid.
pub(crate) fn build(table: &Table, build: &mut Build) -> Option<World> {
    let root = View { table, place: SourceSpan::default() };
    let times = Times::read(root, &mut build.out);
    let chance = Chance::new(root.whole("seed").map_or(1, |seed| seed.value));
    let service = service::service(root, times.start_unix_ms, build);
    let roster = fleet::read(root, &times, delivery::doze(root), &chance, build);
    let tables = |key: &str| root.tables(key);
    let (group_tables, account_tables, send_tables) = (tables("group"), tables("account"), tables("send"));
    let (fault_tables, expect_tables, change_tables) = (tables("fault"), tables("expect"), tables("change"));
    let built_in = groups::built_in(&roster);
    let mut group_names = Names::of("group", &group_tables, &built_in, &mut build.out);
    let imported_tables = root.table("directory").map_or(Vec::new(), |directory| directory.tables("groups"));
    let imported =
        imported_groups::name(&imported_tables, &mut group_names, built_in.len() + group_tables.len(), build);
    let account_names = Names::of("account", &account_tables, &[ADMINISTRATOR], &mut build.out);
    let fault_names = Names::of("fault", &fault_tables, &[], &mut build.out);
    Names::of("change", &change_tables, &[], &mut build.out);
    Names::of("expectation", &expect_tables, &[], &mut build.out);
    let groups = groups::groups(&group_tables, &group_names, &imported, (&roster, &chance), build);
    let accounts = groups::accounts(&account_tables, &group_names, build);
    let around = SendRefs {
        roster: &roster,
        groups: &group_names,
        accounts: &account_names,
        times: &times,
        chance: &chance,
        service: &service,
    };
    let changes = changes::changes(&change_tables, &around, build);
    let (sends, send_names) = sends::sends(&send_tables, &around, build);
    let cautions = nights::warn(&sends, &roster.fleet, build);
    let sends: Vec<_> = sends.into_iter().map(|(send, _)| send).collect();
    if build.is_stopped() {
        return None;
    }
    let faults = faults::faults(&fault_tables, &fault_names, &roster, &times, build);
    let gateways = delivery::gateways(root, &faults, times.horizon, build);
    let (directory_lag, catch_up_ms) = delivery::directory(root, build);
    let about = expect::ExpectationRefs {
        roster: &roster,
        sends: &send_names,
        groups: &group_names,
        faults: &fault_names,
        all_faults: &faults,
        all_sends: &sends,
        horizon: times.horizon,
    };
    let expectations = expect::expectations(&expect_tables, &about, build);
    let live = delivery::live(root, build);
    if let Some(name) = root.text("name").filter(|name| name.value.trim().is_empty()) {
        build.report(Diagnostic::new(Code::BadValue, name.place, "a scenario without a name"));
    }
    Some(World {
        name: root.text("name").map_or("", |name| name.value).to_owned(),
        domain: domain(root, build),
        scenario_hash: canonical::hash(table),
        start_unix_ms: times.start_unix_ms,
        zone: times.zone,
        horizon: times.horizon,
        profile: match root.text("profile") {
            Some(word) if word.value == Profile::Intune2025.name() => Profile::Intune2025,
            _ => Profile::Intune2019,
        },
        service,
        chance,
        fleet: roster.fleet,
        groups,
        accounts,
        gateways,
        directory_lag,
        catch_up_ms,
        changes,
        sends,
        faults,
        unions: Unions::default(),
        phones_by_hand: PhonesByHand::default(),
        expectations,
        windows: windows::windows(root, build),
        baseline: baseline::limits(root, build),
        listed_max: MESSAGES_LISTED_MAX,
        live,
        assumptions: std::mem::take(&mut build.assumptions).into_iter().collect(),
        cautions,
    })
}

fn domain(root: View<'_>, build: &mut Build) -> String {
    let Some(given) = root.text("domain") else { return DOMAIN.to_owned() };
    if !is_domain(given.value) {
        let found = Diagnostic::new(Code::BadValue, given.place, "`domain` is not a domain name");
        build.report(found.help("write a name with a dot, such as \"contoso.example\""));
    }
    given.value.to_ascii_lowercase()
}
