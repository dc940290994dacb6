//! The tenant: judges sends and resolves the audience. Must not depend on pairs under way.

mod catch_up;
pub mod crowd;
pub mod directory;
pub mod eligibility;
mod group_copies;
mod memberships;
pub mod nesting;
pub mod start_standings;
pub mod tenant;
