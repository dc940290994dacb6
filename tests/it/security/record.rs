//! Risk: the page describes another record than the one that is written.

use std::collections::BTreeSet;

use reveille::server::audit::{AuditEntry, AuditEvent, AuditLog, AuditOutcome};
use reveille::server::identity::Peer;
use serde_json::Value;
use strum::VariantArray as _;
use uuid::Uuid;

/// The words in backticks that begin the rows of the table with this head.
fn rows(page: &str, head: &str) -> BTreeSet<String> {
    let lines = page.lines().skip_while(|line| !line.starts_with(&format!("| {head} |"))).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| row.split('`').nth(1)).map(str::to_owned).collect()
}

/// An entry with every field, as it is written.
fn whole() -> Value {
    let mut entry = AuditEntry {
        request_id: Some(Uuid::nil()),
        client_request_id: Some("x".to_owned()),
        peer: Some(Peer([127, 0, 0, 1].into())),
        tenant: Some(Uuid::nil()),
        client: Some("x".to_owned()),
        account: Some("x".to_owned()),
        grant: Some("password"),
        to: Some("device"),
        operator: Some("x".to_owned()),
        role: Some("read"),
        certificate: Some("CN=x".to_owned()),
        method: Some("GET".to_owned()),
        status: Some(200),
        ..AuditEntry::new(AuditEvent::Send).refused("x")
    };
    entry.set_targets([Uuid::nil()]);
    entry.set_messages([0]);
    entry.set_path("/");
    let written = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let into = std::sync::Arc::clone(&written);
    let log = AuditLog::to(move |line| {
        into.lock().expect("no test panics with it").push_str(line);
        Ok(())
    });
    log.record(&entry);
    let text = written.lock().expect("no test panics with it").clone();
    serde_json::from_str(&text).expect("a line is JSON")
}

#[test]
fn each_field_of_the_record_is_documented() {
    let page = include_str!("../../../docs/security.md");
    let written: BTreeSet<String> = whole().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(rows(page, "field"), written, "docs/security.md has the fields that are written, and no others");
    let words =
        |values: Vec<Value>| values.iter().filter_map(Value::as_str).map(str::to_owned).collect::<BTreeSet<_>>();
    let events = AuditEvent::VARIANTS.iter().map(|event| serde_json::to_value(event).expect("a word")).collect();
    assert_eq!(rows(page, "event"), words(events));
    let outcomes =
        AuditOutcome::VARIANTS.iter().map(|outcome| serde_json::to_value(outcome).expect("a word")).collect();
    assert_eq!(rows(page, "outcome"), words(outcomes));
}
