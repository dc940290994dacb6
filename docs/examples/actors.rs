//! The same fates by the actor engine: `cargo run --example actors`.

use reveille::{RunOptions, Scenario};

#[tokio::main]
async fn main() -> Result<(), reveille::Error> {
    let scenario = Scenario::shipped("two-teams")?;
    let options = RunOptions { shards: Some(2), resident_actors_max: Some(1_000), ..RunOptions::default() };
    let lived = scenario.run(options).await?;
    let forecast = scenario.forecast()?;

    println!("actors    {} in {} ms", lived.digest, lived.wall_ms);
    println!("forecast  {} in {} ms", forecast.digest, forecast.wall_ms);
    assert_eq!(lived.digest, forecast.digest, "both drivers share the rules");
    Ok(())
}
