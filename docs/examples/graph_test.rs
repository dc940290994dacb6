//! A test of a program that sends through Microsoft Graph, against a server in this process: `cargo run --example graph_test`.

use reveille::Scenario;
use reveille::testing::GraphServer;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = Scenario::from_toml(
        r#"
        schema_version = 1
        name = "help desk"
        seed = 3
        duration = "24h"

        [[fleet.user]]
        name = "ana"

        [[fleet.device]]
        name = "ana-iphone"
        user = "ana"
        platform = "ios"
        "#,
    )?;
    let server = GraphServer::start(scenario).await?;

    // What the program under test would do.
    let url = format!(
        "{}/beta/deviceManagement/managedDevices/{}/sendCustomNotificationToCompanyPortal",
        server.base_url(),
        server.device_id("ana-iphone")?
    );
    let token = server.token("administrator")?;
    let answer = tokio::task::spawn_blocking(move || {
        let body = json!({ "notificationTitle": "Your ticket", "notificationBody": "We have found the cause." });
        ureq::post(&url)
            .header("Authorization", &format!("Bearer {token}"))
            .header("Content-Type", "application/json")
            .send(&body.to_string())
    })
    .await??;
    assert_eq!(answer.status(), 204);

    server.advance("10m").await?;
    let message = server.settled(0).await?;
    println!("shown on {} of {} devices", message.pairs_at("shown"), message.pairs);
    assert_eq!(message.pairs_at("shown"), 1);
    Ok(())
}
