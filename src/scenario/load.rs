//! Loading: from texts to a world, or to everything that is wrong with them. Opens no file: a reader is handed in.

use crate::rules::chance::Chance;
use crate::rules::profile::{CharacterCount, Profile};
use crate::rules::world::World;

use super::build::Build;
use super::changes;
use super::delivery;
use super::diagnostic::{Code, Diagnostic, Diagnostics};
use super::document::{Node, Table, Value};
use super::expect;
use super::faults;
use super::fleet;
use super::groups::{self, ADMINISTRATOR, ALL_USERS};
use super::include;
use super::keys::SCENARIO;
use super::names::Names;
use super::sends::{self, Around};
use super::set;
use super::source::{Place, Source};
use super::view::View;
use super::zone::Times;
use super::{canonical, check};

/// What flags say over a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--set`, each `path.of.keys=value`; elements of arrays of tables are addressed by their name.
    pub sets: Vec<String>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--profile`.
    pub profile: Option<String>,
}

/// A valid scenario.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What drivers take.
    pub world: World,
    /// What is legal and probably not meant.
    pub warnings: Diagnostics,
    /// The merged scenario as TOML, each value with the file and line that it comes from.
    pub resolved: String,
}

/// Reads a scenario. `read` is given the path of an included file, resolved against the including one, and returns its text.
///
/// # Errors
/// Everything that is wrong with it, warnings included.
pub fn load(
    root: &Source,
    read: &mut dyn FnMut(&str) -> Result<String, String>,
    overrides: &Overrides,
) -> Result<Loaded, Diagnostics> {
    let mut build = Build::default();
    let merged = include::merge(root, read, &mut build.out);
    let Some(mut table) = merged else {
        build.out.sort();
        return Err(build.out);
    };
    set::apply(&mut table, overrides, &mut build.out);
    let place = Place::default();
    check::table(&table, &SCENARIO, place, &mut build.out);
    let node = Node { value: Value::Table(table), place };
    let world = node.as_table().map(|table| world(table, &mut build));
    build.out.sort();
    match (world, node.as_table()) {
        (Some(world), Some(table)) if !build.out.has_errors() => {
            let resolved = canonical::with_origins(table, &build.out);
            Ok(Loaded { world, warnings: build.out, resolved })
        }
        _ => Err(build.out),
    }
}

/// Builds a world from a checked document. Where something is wrong it is reported, and anything may stand in its place.
fn world(table: &Table, build: &mut Build) -> World {
    let root = View { table, place: Place::default() };
    let times = Times::read(root, &mut build.out);
    let chance = Chance::new(root.whole("seed").map_or(1, |seed| seed.value));
    let service = root.table("service");
    let grammar = SCENARIO.key("service").and_then(|key| key.shape.table());
    build.assume("service", service, grammar.expect("the grammar has a service"));
    let characters = match service.and_then(|service| service.text("character")) {
        Some(word) if word.value == "scalar" => CharacterCount::Scalar,
        _ => CharacterCount::Utf16,
    };
    let roster = fleet::read(root, &times, delivery::doze(root), &chance, build);
    let tables = |key: &str| root.tables(key);
    let (group_tables, account_tables, send_tables) = (tables("group"), tables("account"), tables("send"));
    let (fault_tables, expect_tables, change_tables) = (tables("fault"), tables("expect"), tables("change"));
    let group_names = Names::of("group", &group_tables, &[ALL_USERS], &mut build.out);
    let account_names = Names::of("account", &account_tables, &[ADMINISTRATOR], &mut build.out);
    let send_names = Names::of("send", &send_tables, &[], &mut build.out);
    let fault_names = Names::of("fault", &fault_tables, &[], &mut build.out);
    Names::of("change", &change_tables, &[], &mut build.out);
    Names::of("expectation", &expect_tables, &[], &mut build.out);
    let groups = groups::groups(&group_tables, &group_names, &roster, &chance, build);
    let accounts = groups::accounts(&account_tables, &group_names, build);
    let around = Around {
        roster: &roster,
        groups: &group_names,
        accounts: &account_names,
        times: &times,
        chance: &chance,
        characters,
    };
    let changes = changes::changes(&change_tables, &around, build);
    let sends = sends::sends(&send_tables, &around, build);
    let faults = faults::faults(&fault_tables, &fault_names, &roster, &times, build);
    let gateways = delivery::gateways(root, &faults, times.horizon, build);
    let (directory_lag, catch_up_ms) = delivery::directory(root, build);
    let about = expect::Around {
        roster: &roster,
        sends: &send_names,
        groups: &group_names,
        faults: &fault_names,
        fault_tables: &fault_tables,
    };
    let expectations = expect::expectations(&expect_tables, &about, build);
    let live = delivery::live(root, build);
    if let Some(name) = root.text("name").filter(|name| name.value.trim().is_empty()) {
        build.report(Diagnostic::new(Code::BadValue, name.place, "a scenario without a name"));
    }
    World {
        name: root.text("name").map_or("", |name| name.value).to_owned(),
        scenario_hash: canonical::hash(table),
        start_unix_ms: times.start_unix_ms,
        zone: times.zone,
        horizon: times.horizon,
        profile: match root.text("profile") {
            Some(word) if word.value == Profile::Intune2025.name() => Profile::Intune2025,
            _ => Profile::Intune2019,
        },
        characters,
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
        expectations,
        live,
        assumptions: std::mem::take(&mut build.assumptions).into_iter().collect(),
    }
}
