//! What a fault costs: one scenario with and without it, under the same seed: `cargo run --example fault_cost`.

use reveille::Scenario;

/// A message to 10,000 users.
const CALM: &str = r#"
schema_version = 1
name = "notice"
seed = 11
duration = "4h"

[fleet.generated]
users = 10_000

[[send]]
name = "notice"
at = "5m"
to = { groups = ["All users"] }
title = "Badge readers are down"
body = "Please use the north entrance today."
"#;

/// Apple's gateway holds everything for half an hour.
const OUTAGE: &str = r#"
[[fault]]
name = "apns-down"
kind = "outage"
mode = "hold"
at = "0s"
for = "35m"
scope = { gateway = "apns" }
"#;

fn main() -> Result<(), reveille::Error> {
    let calm = Scenario::from_toml(CALM)?.forecast()?;
    let spoiled = Scenario::from_toml(&format!("{CALM}{OUTAGE}"))?.forecast()?;

    for (name, outcome) in [("without", &calm), ("with", &spoiled)] {
        let late = outcome.latency_ms.as_ref().map_or(0, |latency| latency.p90 / 1_000);
        println!("{name:>8}: {} shown, nine of ten within {late} s", outcome.pairs_at("shown"));
    }
    Ok(())
}
