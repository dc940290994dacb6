//! An outage rehearsed: messages wait while it lasts and arrive afterwards: `cargo run --example outage_drill`.

use reveille::Scenario;
use reveille::testing::GraphServer;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = Scenario::from_toml(
        r#"
        schema_version = 1
        name = "drill"
        seed = 5
        duration = "48h"

        [fleet.generated]
        users = 50
        "#,
    )?;
    let server = GraphServer::start(scenario).await?;
    server.start_fault(r#"{ "name": "down", "kind": "outage", "mode": "hold" }"#).await?;

    let url = format!("{}/beta/deviceManagement/sendCustomNotificationToCompanyPortal", server.base_url());
    let groups = format!("{}/v1.0/groups", server.base_url());
    let token = format!("Bearer {}", server.token("administrator")?);
    tokio::task::spawn_blocking(move || -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut found = ureq::get(&groups).header("Authorization", &token).call()?;
        let found: serde_json::Value = serde_json::from_str(&found.body_mut().read_to_string()?)?;
        let body = json!({
            "notificationTitle": "Drill",
            "notificationBody": "This is only a drill.",
            "groupsToNotify": [found["value"][0]["id"]],
        });
        ureq::post(&url)
            .header("Authorization", &token)
            .header("Content-Type", "application/json")
            .send(&body.to_string())?;
        Ok(())
    })
    .await?
    .map_err(|error| error.to_string())?;

    server.advance("1h").await?;
    let during = server.messages().await?.pop().ok_or("one message was accepted")?;
    println!("during: {} wait, {} shown", during.pairs_at("waiting"), during.pairs_at("shown"));
    server.stop_fault("down").await?;
    server.advance("1h").await?;
    let after = server.messages().await?.pop().ok_or("one message was accepted")?;
    println!("after: {} wait, {} shown", after.pairs_at("waiting"), after.pairs_at("shown"));
    assert!(during.pairs_at("shown") == 0 && after.pairs_at("shown") > 0);
    Ok(())
}
