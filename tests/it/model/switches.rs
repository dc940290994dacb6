//! Risk: a fault that is started or stopped by hand, or a phone that is set, changes past events, or leads to a different
//! future than a planned one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::RngExt;
use reveille::clock::Clock;
use reveille::engine::MessageLook;
use reveille::host::{
    Again, Event, EventMark, HostOptions, HostedTenant, JourneyLine, MessageLog, Recall, RequestId, SwitchError,
};
use reveille::metrics::{Board, Meters};
use reveille::rules::base::chance::{Chance, Purpose, Stream};
use reveille::rules::base::ids::{AccountIx, DeviceIx, GroupIx, Key, MessageIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::faults::fault::Fault;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::phone_by_hand::{Assignment, PhonePatch};
use reveille::rules::model::world::World;
use reveille::rules::timeline::history::{History, RecordedInput, TimedInput};
use reveille::rules::timeline::posting::{Posting, Recipients};
use reveille::scenario::fault_by_hand;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::fixtures::drivers::world;
use crate::fixtures::generated::scenario;
use crate::monitoring::exposition::{Page, parsed, sum};
use crate::scenario::schema::json;

/// Random tenants in one run.
const TENANTS: u64 = 24;
/// Steps for each tenant: an action, then time passes.
const STEPS: u32 = 36;

/// A hosted tenant whose model time stands still, except for requested spans.
pub(super) struct Hosted {
    world: Arc<World>,
    pub(super) host: HostedTenant,
    board: Board,
}

impl Hosted {
    pub(super) async fn open(world: &Arc<World>, shards: u32) -> Self {
        let meters = Arc::new(Meters::new(world, 40));
        let options = HostOptions {
            shards,
            resident_actors_max: 40,
            keep_fates: false,
            meters: Some(meters.clone()),
            inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
        };
        let host =
            HostedTenant::start(world.clone(), Clock::start(ModelSpeed::Times(1)), options).await.expect("it opens");
        Self { world: world.clone(), host, board: Board::of_run(meters) }
    }

    pub(crate) fn inputs(&self) -> Vec<TimedInput> {
        self.host.log(|book| book.history().inputs().cloned().collect())
    }

    pub(crate) fn page(&self) -> Page {
        parsed(&self.board.render())
    }

    /// The pairs of all messages.
    async fn looks(&self) -> Vec<MessageLook> {
        let all = (0..self.host.log(MessageLog::messages)).map(MessageIx).collect();
        let looks = self.host.messages(all).await.expect("it answers").1;
        // Two tenants look at their clocks at different moments.
        looks.into_iter().map(|look| MessageLook { handed_out_until: SimTime::ZERO, ..look }).collect()
    }

    /// Sends a message whose title is the id of the request.
    pub(super) async fn post(&self, recipients: Recipients, request: &str) {
        let posting = Posting { account: AccountIx(0), recipients, title: request.to_owned(), body: "b".to_owned() };
        // A refused request is not an input.
        let _ = self.host.post(vec![posting], RequestId::of(request)).await;
    }
}

/// Tables of faults to start by hand: those of another random scenario.
pub(crate) fn tables(number: u64) -> Vec<String> {
    let read: toml::Table = toml::from_str(&scenario(number)).expect("a scenario is TOML");
    let faults = read.get("fault").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let table = |(at, fault)| {
        let Value::Object(mut table) = json(fault) else { panic!("a fault is a table") };
        table.remove("at");
        table.insert("name".to_owned(), format!("hand {at}/é").into());
        Value::Object(table).to_string()
    };
    let crash = r#"{ "name": "crash", "kind": "crash", "rate": 0.5 }"#.to_owned();
    faults.into_iter().enumerate().map(table).chain([crash]).collect()
}

pub(crate) struct Dice(Stream);

impl Dice {
    pub(crate) fn new(number: u64) -> Self {
        Self(Chance::new(number).stream(Purpose::Plan, Key(9)))
    }

    pub(crate) fn below(&mut self, n: u32) -> u32 {
        self.0.random_range(0..n)
    }

    pub(crate) fn recipients(&mut self, world: &World) -> Recipients {
        if self.below(2) == 0 {
            return Recipients::Device(DeviceIx(self.below(world.fleet.devices())));
        }
        Recipients::Groups((0..=self.below(2)).map(|_| GroupIx(self.below(world.groups.len() as u32))).collect())
    }

    /// Random settings of a phone.
    pub(crate) fn patch(&mut self) -> PhonePatch {
        let mut patch = PhonePatch::default();
        let PhonePatch { online, locked, foreground, play_services, battery_restricted, app, permission } = &mut patch;
        for may_be_free in [online, locked, foreground, play_services, battery_restricted] {
            *may_be_free = match self.below(6) {
                0 => Assignment::Released,
                1 => Assignment::Set(true),
                2 => Assignment::Set(false),
                _ => Assignment::Kept,
            };
        }
        for fixed in [app, permission] {
            *fixed = match self.below(6) {
                0 => Assignment::Set(true),
                1 => Assignment::Set(false),
                _ => Assignment::Kept,
            };
        }
        patch
    }
}

pub(super) type Journeys = BTreeMap<(MessageIx, DeviceIx), JourneyLine>;

/// The journey of every pair at a moment, by the forecast's walk.
pub(crate) fn journeys(world: &World, inputs: &[TimedInput], now: SimTime) -> Journeys {
    let recall = Recall::new(world, inputs, now, &CancellationToken::new()).expect("it is not stopped");
    let of = |device| recall.device(device).into_iter().map(move |(message, line)| ((message, device), line));
    (0..world.fleet.devices()).map(DeviceIx).flat_map(of).collect()
}

/// Figures that depend on the model alone.
fn of_the_model(page: &Page, gauges: bool) -> Page {
    let counters = [
        "reveille_messages_accepted_total",
        "reveille_journeys_settled_total",
        "reveille_dismissals_total",
        "reveille_delivery_seconds_bucket",
        "reveille_delivery_seconds_sum",
    ];
    let standing = [
        "reveille_journeys_open",
        "reveille_gateway_backlog",
        "reveille_conservation_error",
        "reveille_fault_active",
        "reveille_gateway_up",
    ];
    let is_meant = |name: &str| counters.contains(&name) || gauges && standing.contains(&name);
    page.iter().filter(|((name, _), _)| is_meant(name)).map(|(series, value)| (series.clone(), *value)).collect()
}

fn assert_no_counter_falls(before: &Page, after: &Page) {
    for (series, value) in before.iter().filter(|((name, _), _)| name.ends_with("_total") || name.contains("_bucket")) {
        assert!(after[series] >= *value, "{series:?} falls from {value} to {}", after[series]);
    }
}

/// The new revision has the same past as the old one.
fn assert_nothing_before_is_changed(hosted: &Hosted) {
    let inputs = hosted.inputs();
    let (switch, before) = inputs.split_last().expect("a switch is an input");
    let past = switch.at.just_before();
    assert_eq!(journeys(&hosted.world, before, past), journeys(&hosted.world, &inputs, past), "before {switch:?}");
}

/// Messages equal the forecast of a world that had the faults from the beginning.
async fn assert_as_forecast(hosted: &Hosted) {
    let now = hosted.host.now();
    let journeys = journeys(&hosted.world, &hosted.inputs(), now);
    let planned = planned(&hosted.world, &hosted.inputs());
    if let Some(planned) = planned {
        assert_eq!(journeys, self::journeys(&planned, &messages_of(&hosted.inputs()), now), "as planned");
    }
    for (message, look) in hosted.looks().await.into_iter().enumerate() {
        let message = MessageIx(message as u32);
        let mut stations: BTreeMap<&str, u64> = BTreeMap::new();
        for (journey, pairs) in &look.settled {
            *stations.entry(journey.station().name()).or_default() += pairs;
        }
        *stations.entry("waiting").or_default() += look.waiting.iter().sum::<u64>();
        let of_message = || journeys.range((message, DeviceIx(0))..(MessageIx(message.0 + 1), DeviceIx(0)));
        let mut again: BTreeMap<&str, u64> = BTreeMap::from([("waiting", 0)]);
        for (_, line) in of_message() {
            *again.entry(line.station.as_str()).or_default() += 1;
        }
        assert_eq!((stations, look.sent), (again, of_message().count() as u64), "{message:?} at {now}");
        let dismissed = of_message().filter(|(_, line)| line.dismissed_at_ms.is_some()).count() as u64;
        assert_eq!(look.dismissed, dismissed, "{message:?} at {now}");
    }
}

fn messages_of(inputs: &[TimedInput]) -> Vec<TimedInput> {
    let is_kept = |input: &&TimedInput| {
        matches!(input.operation, RecordedInput::Accepted { .. } | RecordedInput::Dismissed { .. })
    };
    inputs.iter().filter(is_kept).cloned().collect()
}

/// The world as a scenario would plan it, each fault with its beginning and its length; `None` if a recurring one was
/// stopped, which no scenario can express.
fn planned(world: &World, inputs: &[TimedInput]) -> Option<World> {
    let mut revision = world.revision(inputs);
    for fault in &mut revision.faults {
        if fault.stopped_at < SimTime::NEVER {
            if fault.every_ms.is_some() {
                return None;
            }
            *fault = Fault {
                lasts_ms: Some(fault.stopped_at.since(fault.at)),
                stopped_at: SimTime::NEVER,
                by_hand: false,
                ..fault.clone()
            };
        }
    }
    Some(revision)
}

/// Every event is reported once.
fn assert_told_once(hosted: &Hosted) {
    let (missed, told) = hosted.host.events().after(&mut EventMark::default(), usize::MAX);
    assert_eq!(missed, 0);
    let mut dismissed = BTreeSet::new();
    let mut accepted = 0;
    for noted in told {
        match noted.what {
            Event::Accepted { message, .. } => {
                assert_eq!(message.0, accepted);
                accepted += 1;
            }
            Event::Dismissed { message, device } => {
                assert!(dismissed.insert((message, device)), "{message:?} twice");
            }
            Event::Reset => panic!("a switch is no reset"),
            _ => {}
        }
    }
    assert_eq!(accepted, hosted.host.log(MessageLog::messages));
}

async fn one_tenant(number: u64) -> usize {
    let world = Arc::new(Arc::unwrap_or_clone(world(&scenario(number))).for_postings());
    let hosted = Hosted::open(&world, [1, 3][number as usize % 2]).await;
    let (tables, mut dice) = (tables(number + 77_000), Dice::new(number));
    let (mut switches, mut page) = (0, hosted.page());
    for step in 0..STEPS {
        let name = |table: &str| serde_json::from_str::<Map<String, Value>>(table).expect("it is JSON")["name"].clone();
        let table = &tables[dice.below(tables.len() as u32) as usize];
        let switched = match dice.below(8) {
            0 => match hosted.host.start_fault(table).await {
                Ok(_) => true,
                Err(SwitchError::Unreadable(found)) => {
                    assert!(found.iter().all(|one| one.code.code() == "S008"), "{found} of {table}");
                    false
                }
                Err(error) => panic!("{error}"),
            },
            1 => {
                let all = world.faults.iter().map(|fault| fault.name.clone());
                let by_hand = name(table).as_str().expect("a name is a text").to_owned();
                let named: Vec<String> = all.chain([by_hand.clone(), by_hand]).collect();
                match hosted.host.stop_fault(&named[dice.below(named.len() as u32) as usize]).await {
                    Ok(_) => true,
                    Err(SwitchError::Unswitched(_)) => false,
                    Err(error) => panic!("{error}"),
                }
            }
            2 | 3 => {
                let (device, patch) = (DeviceIx(dice.below(world.fleet.devices())), dice.patch());
                let before = hosted.host.set_by_hand(device).await;
                match hosted.host.set_phone(device, patch).await {
                    Ok(_) => {
                        assert_eq!(hosted.host.set_by_hand(device).await, before.patched(&patch));
                        true
                    }
                    Err(SwitchError::Phone(_)) => false,
                    Err(error) => panic!("{error}"),
                }
            }
            _ => {
                hosted.post(dice.recipients(&world), &format!("r{step}")).await;
                false
            }
        };
        if switched {
            switches += 1;
            assert_nothing_before_is_changed(&hosted);
            assert_as_forecast(&hosted).await;
        }
        hosted.host.advance(u64::from(dice.below(250_000))).await.expect("the span is valid");
        let next = hosted.page();
        assert_no_counter_falls(&page, &next);
        assert_eq!(sum(&next, "reveille_conservation_error", &[]), 0);
        page = next;
    }
    assert_as_forecast(&hosted).await;
    assert_told_once(&hosted);
    let (inputs, now) = (hosted.inputs(), hosted.host.now());
    assert_eq!(History::misfit(&inputs, &world), None);
    let requests = |input: &TimedInput| matches!(input.operation, RecordedInput::Accepted { .. });
    let mut posted = hosted
        .host
        .log(|book| book.from(MessageIx(0)).map(|posted| posted.request.clone()).collect::<Vec<_>>())
        .into_iter();
    let again = inputs.iter().map(|input| {
        let request = if requests(input) { posted.next().expect("each has one") } else { RequestId::default() };
        Again { input: input.clone(), request }
    });
    // A tenant with the faults from the beginning has the same totals and the same metrics.
    let other = Hosted::open(&world, 2).await;
    other.host.begin_again(again.collect(), now).await.expect("it is done again");
    let meet = hosted.host.now().max(other.host.now()) + 7_001;
    for one in [&hosted, &other] {
        one.host.advance(meet.since(one.host.now())).await.expect("the span is valid");
    }
    let (mut totals, mut others) =
        (hosted.host.totals().await.expect("it answers"), other.host.totals().await.expect("it answers"));
    let strikes = world.revision(&inputs).faults;
    for (at, _) in strikes.iter().enumerate().filter(|(_, fault)| fault.kind.name() == "crash") {
        (totals.touched[at], others.touched[at]) = (0, 0);
    }
    assert_eq!(totals, others);
    assert_eq!(hosted.looks().await, other.looks().await);
    assert_eq!(of_the_model(&hosted.page(), true), of_the_model(&other.page(), true));
    switches
}

#[test]
fn a_switch_changes_nothing_that_was_and_makes_the_future_that_a_plan_would_have_made() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let mut switches = 0;
    for number in 0..TENANTS {
        let done = runtime.block_on(runtime.spawn(one_tenant(number)));
        switches += done.unwrap_or_else(|error| panic!("tenant {number}: {error}\n{}", scenario(number)));
    }
    assert!(switches > 2 * TENANTS as usize, "{switches}");
}

#[test]
fn a_fault_by_hand_has_the_effect_of_a_scenarios_fault_at_that_moment() {
    let base = world(&scenario(5));
    for number in 0..40 {
        for table in tables(number) {
            let at = SimTime(600_000);
            let read = fault_by_hand(&table, &base, at).unwrap_or_else(|found| panic!("{found} of {table}"));
            assert_eq!((read.at, read.by_hand, read.key), (at, true, Key::of("fault", &read.name)));
        }
    }
}
