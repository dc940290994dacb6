//! Risk: a tenant that fails, or a server that starts again, leaves a visitor with a page that says nothing.

use std::sync::Arc;

use reveille::clock::Clock;
use reveille::engine::ActorKind;
use reveille::engine::sabotage::{Sabotage, TurnMoment};
use reveille::host::{HostOptions, HostedTenant, RequestId};
use reveille::rules::base::ids::{AccountIx, DeviceIx};
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::timeline::posting::{Posting, Recipients};
use reveille::server::console::{self, Console};
use reveille::server::control::Control;
use reveille::server::graph::GraphIds;
use reveille::server::http::{ListenerOptions, Scheme, Server};
use reveille::server::identity::ControlTokens;

use super::visitor::{BASE, Visitor, form};
use crate::control::hand::{TENANT, TOKEN};
use crate::fixtures::caller::{answer, parsed, request};
use crate::fixtures::drivers::try_world_with;

#[test]
fn a_session_ends_with_its_server_and_the_page_asks_to_sign_in() {
    let visitor = Visitor::start("console_restart");
    let Visitor { hand, cookie, home } = visitor;
    let served = hand.served.stopped_and_again();
    let hand = crate::control::hand::Hand::of(served);
    let again = hand.send("GET", &format!("{home}/devices"), &[("Cookie", &cookie)], b"").is(303);
    assert!(again.header("location").is_some_and(|to| to.contains("/sign-in?next=%2F_reveille")), "{again:?}");
    let headers = [
        ("Cookie", cookie.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let lost = hand.send("POST", &format!("{home}/clock"), &headers, form(&[("do", "pause")]).as_bytes()).is(401);
    assert!(lost.text.contains("You are signed out") && lost.text.contains("Nothing was done"), "{}", lost.text);
}

#[test]
fn a_token_that_is_taken_away_takes_its_sessions_along() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("tokens");
    let write = |token: &str| {
        std::fs::write(&file, token).expect("it can be written");
        #[cfg(unix)]
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("it can be set");
    };
    write(TOKEN);
    let path = file.display().to_string();
    let visitor = Visitor::with("console_taken", TENANT, &["--control-token-file", &path], TOKEN);
    visitor.get("/").is(200);
    write("another-token-of-this-server");
    visitor.hand.post("/reload", &serde_json::Value::Null).is(200);
    visitor.get("/").is(303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_whose_engine_has_failed_says_so_on_its_pages() {
    let world = try_world_with(TENANT, &[]).expect("it is valid");
    let world = Arc::new(Arc::unwrap_or_clone(world).for_postings());
    let sabotage = Sabotage(Arc::new(|_, kind, moment| kind == ActorKind::Shard && moment == TurnMoment::BeforeTurn));
    let options = HostOptions {
        shards: 1,
        resident_actors_max: 20,
        keep_fates: false,
        meters: None,
        inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
    };
    let clock = Clock::start(ModelSpeed::Times(1_000));
    let host =
        HostedTenant::start_sabotaged(Arc::clone(&world), clock, options, Some(sabotage)).await.expect("it opens");
    let graph_ids = Arc::new(GraphIds::new(&world));
    let (tokens, tenant) = (ControlTokens::one(TOKEN).expect("it is long enough"), graph_ids.tenant());
    let control = Arc::new(Control::new([(host.clone(), graph_ids)], tokens));
    let service = console::service(Arc::new(Console::new(control, Scheme::Http, [])));
    let server =
        Server::start(service, ([127, 0, 0, 1], 0).into(), &ListenerOptions::alone(None)).expect("a port is free");
    let recipients = Recipients::Device(DeviceIx(0));
    let posting = Posting { account: AccountIx(0), recipients, title: "t".to_owned(), body: "b".to_owned() };
    let mut failures = host.failures();
    // The answer may be lost with the engine.
    let _ = host.post(vec![posting], RequestId::default()).await;
    failures.wait_for(Option::is_some).await.expect("the tenant is alive");
    let address = server.address().to_string();
    let pages = tokio::task::spawn_blocking(move || {
        let kind = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
        let body = form(&[("token", TOKEN)]);
        let reply =
            parsed(&answer(&address, &request(&address, "POST", &format!("{BASE}/sign-in"), &kind, body.as_bytes())));
        let cookie =
            reply.is(303).header("set-cookie").and_then(|set| set.split(';').next()).expect("a session").to_owned();
        ["/", "/send", "/devices", "/messages", "/faults", "/scenario"].map(|page| {
            let path = format!("{BASE}/{tenant}{page}");
            parsed(&answer(&address, &request(&address, "GET", &path, &[("Cookie", &cookie)], b"")))
        })
    });
    for page in pages.await.expect("no panic") {
        assert!([200, 503].contains(&page.status), "{page:?}");
        assert!(page.text.contains("The engine of this tenant has failed."), "{}", page.text);
    }
    server.stop().await;
}
