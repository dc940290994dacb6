//! The command-line options for what all requests to a server together may use, and for the names that it answers to.
//! Must not do anything.

use clap::Args as ClapArgs;

use crate::server::http::BudgetLimits;

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct BudgetFlags {
    /// A name by which clients may call listeners that only this machine reaches, beside localhost, its addresses and
    /// Microsoft's hosts; may be repeated
    #[arg(long = "host-name", env = "REVEILLE_HOST_NAMES", value_name = "NAME", value_delimiter = ',')]
    pub(crate) host_names: Vec<String>,
    /// Connections to the Graph API at once; fewer where the system gives fewer open files
    #[arg(long, env = "REVEILLE_CONNECTIONS_MAX", value_name = "N", default_value_t = BudgetLimits::default().connections, value_parser = clap::value_parser!(u64).range(1..=AMOUNT_MAX))]
    connections_max: u64,
    /// Connections of one address, or of one /64 of IPv6, to each API; three quarters of them all if not given
    #[arg(long, env = "REVEILLE_CONNECTIONS_PER_PEER_MAX", value_name = "N", value_parser = clap::value_parser!(u64).range(1..=AMOUNT_MAX))]
    connections_per_peer_max: Option<u64>,
    /// Bytes of bodies of requests of the Graph API under way, all together
    #[arg(long, env = "REVEILLE_BODY_BYTES_MAX", value_name = "BYTES", default_value_t = BudgetLimits::default().body_bytes, value_parser = clap::value_parser!(u64).range(BYTES_MIN..=AMOUNT_MAX))]
    body_bytes_max: u64,
    /// Bytes of answers of the Graph API that clients have not taken yet, all together
    #[arg(long, env = "REVEILLE_ANSWER_BYTES_MAX", value_name = "BYTES", default_value_t = BudgetLimits::default().answer_bytes, value_parser = clap::value_parser!(u64).range(BYTES_MIN..=AMOUNT_MAX))]
    answer_bytes_max: u64,
}

/// The largest amount: a terabyte is more than any machine has to give.
const AMOUNT_MAX: u64 = 1 << 40;
/// The smallest budget of bytes: room for a few of the largest bodies and pages.
const BYTES_MIN: u64 = 8 << 20;

impl BudgetFlags {
    /// The limits, where the process may have `files` open files, if that is known.
    pub(crate) fn limits(&self, files: Option<u64>) -> BudgetLimits {
        let limits = BudgetLimits {
            connections: self.connections_max,
            peer_connections: self.connections_per_peer_max,
            body_bytes: self.body_bytes_max,
            answer_bytes: self.answer_bytes_max,
        };
        files.map_or(limits, |files| limits.with_descriptors(files))
    }
}
