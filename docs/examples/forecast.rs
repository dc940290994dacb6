//! What becomes of a message, in a second: `cargo run --example forecast [SCENARIO.toml]`.

use reveille::Scenario;

fn main() -> Result<(), reveille::Error> {
    let scenario = match std::env::args().nth(1) {
        Some(path) => Scenario::from_file(path)?,
        None => Scenario::shipped("night-broadcast")?.set("fleet.generated.users=20_000")?,
    };
    let outcome = scenario.forecast()?;

    println!("{}: {} of {} pairs were shown", outcome.scenario, outcome.pairs_at("shown"), outcome.pairs);
    for (cause, pairs) in &outcome.stations.by_cause {
        println!("{pairs:>10}  {cause}");
    }
    println!("again: {}", outcome.replay);
    Ok(())
}
