//! Risk: a tenant that panics, computes without an end or is stalled for hours takes the server or another tenant with it, or
//! cannot be reset.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};

use reveille::clock::Clock;
use reveille::engine::ActorKind;
use reveille::engine::sabotage::{Sabotage, TurnMoment};
use reveille::host::{HostOptions, HostedTenant, RequestId};
use reveille::metrics::{Board, Meters};
use reveille::rules::base::ids::{AccountIx, DeviceIx};
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::timeline::posting::{Posting, Recipients};
use reveille::server::control::{self, Control};
use reveille::server::graph::GraphIds;
use reveille::server::http::{ListenerOptions, Server};
use reveille::server::identity::ControlTokens;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::{Reply, answer, parsed, request};
use crate::fixtures::drivers::try_world_with;

/// What the shards of the first tenant do before a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Work,
    Panic,
    Spin,
}

/// The mood, which tests change while the shards look at it.
#[derive(Default)]
struct Moods(Mutex<Option<Mood>>, Condvar);

impl Moods {
    fn set(&self, mood: Mood) {
        *self.0.lock().expect("nothing panics under it") = Some(mood);
        self.1.notify_all();
    }

    /// Whether a shard is to panic; while the mood is to spin, it does not return.
    fn panics(&self) -> bool {
        let held = self.0.lock().expect("nothing panics under it");
        let held = self.1.wait_while(held, |mood| *mood == Some(Mood::Spin)).expect("nothing panics under it");
        *held == Some(Mood::Panic)
    }
}

/// Two tenants behind one control API, `broken` and `whole`.
struct Pair {
    runtime: Runtime,
    moods: Arc<Moods>,
    hosts: [HostedTenant; 2],
    ids: [String; 2],
    board: Board,
    server: Option<Server>,
    address: String,
}

impl Pair {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let (runtime, moods) = (runtime.expect("a runtime starts"), Arc::new(Moods::default()));
        let hook = Arc::clone(&moods);
        let sabotage = Sabotage(Arc::new(move |_, kind, moment| {
            kind == ActorKind::Shard && moment == TurnMoment::BeforeTurn && hook.panics()
        }));
        let mut tenants = BTreeMap::new();
        let mut meters = Vec::new();
        for (name, sabotage) in [("broken", Some(sabotage)), ("whole", None)] {
            let world = try_world_with(TENANT, &[&format!("name={name}")]).expect("it is valid");
            let world = Arc::new(Arc::unwrap_or_clone(world).for_postings());
            let counted = Arc::new(Meters::of_tenant(&world, 20));
            let options = HostOptions {
                shards: 2,
                resident_actors_max: 20,
                keep_fates: false,
                meters: Some(Arc::clone(&counted)),
                inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
            };
            let clock = Clock::start(ModelSpeed::Times(1));
            let host = HostedTenant::start_sabotaged(Arc::clone(&world), clock, options, sabotage);
            let host = runtime.block_on(host).expect("it opens");
            tenants.insert(name, (host, Arc::new(GraphIds::new(&world))));
            meters.push(counted);
        }
        let of = |name: &str| tenants[name].clone();
        let hosts = ["broken", "whole"].map(|name| of(name).0);
        let ids = ["broken", "whole"].map(|name| of(name).1.tenant().to_string());
        let tokens = ControlTokens::one(TOKEN).expect("it is long enough");
        let service = control::service(Arc::new(Control::new(tenants.into_values(), tokens)));
        let options = ListenerOptions::alone(None);
        let server = runtime.block_on(async { Server::start(service, ([127, 0, 0, 1], 0).into(), &options) });
        let server = server.expect("a port is free");
        let address = server.address().to_string();
        Self { runtime, moods, hosts, ids, board: Board::of_server(meters), server: Some(server), address }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Reply {
        let authorization = format!("Bearer {TOKEN}");
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        parsed(&answer(&self.address, &request(&self.address, method, path, &headers, body.as_bytes())))
    }

    fn of(&self, tenant: usize, method: &str, path: &str, body: &Value) -> Reply {
        self.ask(method, &format!("/_reveille{path}?tenant={}", self.ids[tenant]), body)
    }

    fn ready(&self) -> Reply {
        self.ask("GET", "/_reveille/ready", &Value::Null)
    }

    /// Sends to the first phone of a tenant; true if it is accepted.
    fn send(&self, tenant: usize) -> bool {
        let recipients = Recipients::Device(DeviceIx(0));
        let posting = Posting { account: AccountIx(0), recipients, title: "t".to_owned(), body: "b".to_owned() };
        let verdicts = self.runtime.block_on(self.hosts[tenant].post(vec![posting], RequestId::default()));
        verdicts.is_ok_and(|verdicts| verdicts[0].outcome.is_ok())
    }

    /// Waits until the engine of the first tenant has failed.
    fn has_failed(&self) {
        let mut failures = self.hosts[0].failures();
        let failed = self.runtime.block_on(failures.wait_for(Option::is_some));
        assert!(failed.is_ok(), "the tenant is alive");
    }

    fn engine_up(&self) -> String {
        let page = self.board.render();
        let lines = page.lines().filter(|line| line.starts_with("reveille_engine_up{"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The second tenant answers and takes messages, and the first does so after a reset.
    fn goes_on_after_a_reset(&self) {
        self.of(1, "GET", "/snapshot", &Value::Null).is(200);
        self.of(0, "POST", "/reset", &Value::Null).is(204);
        assert!(self.send(0) && self.send(1));
        self.of(0, "GET", "/snapshot", &Value::Null).is(200);
        self.ready().is(200);
        assert_eq!(self.engine_up().matches("} 1").count(), 2, "{}", self.engine_up());
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.moods.set(Mood::Work);
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}

#[test]
fn a_panic_ends_one_tenant_which_keeps_its_history_until_a_reset() {
    let pair = Pair::start();
    pair.ready().is(200);
    assert!(pair.send(0) && pair.send(1));
    pair.moods.set(Mood::Panic);
    pair.has_failed();
    let problem = pair.ready().is(503).text;
    assert!(problem.contains("`broken`") && problem.contains("sabotage"), "{problem}");
    assert!(pair.engine_up().contains(r#"{tenant="broken"} 0"#), "{}", pair.engine_up());
    assert!(!pair.send(0), "it takes no message");
    assert!(pair.send(1));
    pair.of(0, "GET", "/snapshot", &Value::Null).is(503);
    let state = pair.of(0, "GET", "/state", &Value::Null).is(200).json();
    assert_eq!(state["inputs"].as_array().map(Vec::len), Some(1), "{state}");
    pair.of(0, "POST", "/reset", &Value::Null).is(503);
    pair.moods.set(Mood::Work);
    pair.goes_on_after_a_reset();
    pair.of(0, "PUT", "/state", &state).is(204);
    let messages = pair.of(0, "GET", "/messages", &Value::Null).is(200).json();
    assert_eq!(messages["items"].as_array().map(Vec::len), Some(1), "{messages}");
}

#[test]
fn a_tenant_that_computes_without_an_end_is_named_and_can_be_reset() {
    let pair = Pair::start();
    assert!(pair.send(0));
    pair.moods.set(Mood::Spin);
    let problem = loop {
        // The shards look at the mood before their next message, of which there are a hundred a second.
        let reply = pair.ready();
        if reply.status == 503 {
            break reply.text;
        }
    };
    assert!(problem.contains("shard 0") && problem.contains("`broken`"), "{problem}");
    assert!(pair.send(1), "the other tenant takes messages");
    let reset = std::thread::scope(|scope| {
        let reset = scope.spawn(|| pair.of(0, "POST", "/reset", &Value::Null));
        pair.has_failed();
        // The new shards have the same hook.
        pair.moods.set(Mood::Work);
        reset.join().expect("it answers")
    });
    reset.is(204);
    pair.goes_on_after_a_reset();
}

#[test]
fn a_stall_of_hours_does_not_outlive_a_reset() {
    let hand = Hand::start("stalled");
    hand.to_groups("one").is(204);
    let stall = json!({ "name": "asleep", "kind": "stall", "actors": "shard", "rate": 1, "delay": "1m" });
    hand.fault(&stall).is(201);
    std::thread::scope(|scope| {
        // At a thousandth of real time, a minute takes 16 hours.
        let advance = scope.spawn(|| hand.post("/clock/advance", &json!({ "by": "10s" })));
        let problem = loop {
            let reply = hand.send("GET", "/_reveille/ready", &[], b"");
            if reply.status == 503 {
                break reply.text;
            }
        };
        assert!(problem.contains("shard"), "{problem}");
        hand.post("/reset", &Value::Null).is(204);
        advance.join().expect("it is answered");
    });
    hand.send("GET", "/_reveille/ready", &[], b"").is(200);
}
