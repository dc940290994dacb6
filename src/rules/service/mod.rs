//! The service and the gateways: stations, messages, quotas, permissions, capacity. Must not move a pair.

pub mod access;
pub mod audience;
pub mod gateway;
pub mod journey;
pub mod message;
pub mod quota;
pub mod readings;
pub mod request_limit;
pub mod shown_text;
