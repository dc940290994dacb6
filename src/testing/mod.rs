//! A Graph API in the test's own process, for programs that send notifications: start it, send to its base URL, look at what has
//! become of the messages. It stops when it is dropped. Must not decide anything.
//!
//! ```
//! use reveille::Scenario;
//! use reveille::testing::GraphServer;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
//! let scenario = Scenario::from_toml(
//!     r#"
//!     schema_version = 1
//!     name = "a test's tenant"
//!     seed = 1
//!     duration = "24h"
//!
//!     [fleet.generated]
//!     users = 5
//!     "#,
//! )?;
//! let server = GraphServer::start(scenario).await?;
//!
//! // The program under test sends to this address with this token.
//! let (url, token) = (server.base_url(), server.token("administrator")?);
//! assert!(url.starts_with("http://127.0.0.1:"));
//! assert_eq!(token.split('.').count(), 3);
//!
//! // Nothing was sent yet; an hour of model time passes at once.
//! server.advance("1h").await?;
//! assert!(server.messages().await?.is_empty());
//! # Ok(())
//! # })
//! # }
//! ```

mod graph_server;
mod message;

pub use graph_server::GraphServer;
pub use message::SentMessage;
