//! Module `server`: HTTP APIs of hosted tenants, for other programs.

pub mod odata;
pub mod identity;
pub mod audit;
pub mod http;
pub mod monitoring;
pub mod graph;
pub mod control;
pub mod console;
