//! The filter operations of directory properties, as the reference of each property documents them. Must contain data
//! only.

use crate::server::odata::Abilities;

/// `$count`.
pub(crate) const COUNT: Abilities = Abilities::COUNT;
/// `eq`, `ne`, `not`, `in`.
pub(crate) const EQUAL: Abilities = EQUAL_NO_IN.and(Abilities::IN);
/// `eq`, `ne`, `not`.
pub(crate) const EQUAL_NO_IN: Abilities = Abilities::EQ.and(Abilities::NE).and(Abilities::NOT);
/// `eq`, `ne`, `not`, `in`, `null`.
pub(crate) const EQUAL_NULL: Abilities = EQUAL.and(Abilities::NULL);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`.
pub(crate) const EQUAL_RANGE: Abilities = EQUAL_RANGE_NO_IN.and(Abilities::IN);
/// `eq`, `ne`, `not`, `ge`, `le`.
pub(crate) const EQUAL_RANGE_NO_IN: Abilities = EQUAL_NO_IN.and(Abilities::GE).and(Abilities::LE);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `null`.
pub(crate) const EQUAL_RANGE_NULL: Abilities = EQUAL_RANGE.and(Abilities::NULL);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `startsWith`.
pub(crate) const EQUAL_RANGE_STARTS: Abilities = EQUAL_RANGE.and(Abilities::STARTS_WITH);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `startsWith`, `endsWith`.
pub(crate) const EQUAL_RANGE_STARTS_ENDS: Abilities = EQUAL_RANGE_STARTS.and(Abilities::ENDS_WITH);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `startsWith`, `endsWith`, `null`.
pub(crate) const EQUAL_RANGE_STARTS_ENDS_NULL: Abilities = EQUAL_RANGE_STARTS_ENDS.and(Abilities::NULL);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `startsWith`, `null`.
pub(crate) const EQUAL_RANGE_STARTS_NULL: Abilities = EQUAL_RANGE_NULL.and(Abilities::STARTS_WITH);
/// `eq`, `ne`, `not`, `startsWith`.
pub(crate) const EQUAL_STARTS: Abilities = EQUAL_NO_IN.and(Abilities::STARTS_WITH);
/// `eq`, `ne`, `not`, `in`, `startsWith`.
pub(crate) const EQUAL_STARTS_IN: Abilities = EQUAL.and(Abilities::STARTS_WITH);
/// `eq`, `ne`, `not`, `startsWith`, `null`.
pub(crate) const EQUAL_STARTS_NULL: Abilities = EQUAL_STARTS.and(Abilities::NULL);
/// `eq`, `not`, `$count`.
pub(crate) const LISTED: Abilities = Abilities::EQ.and(Abilities::NOT).and(Abilities::COUNT);
/// `eq`, `not`, `ge`, `le`, `$count`.
pub(crate) const LISTED_RANGE: Abilities = LISTED.and(Abilities::GE).and(Abilities::LE);
/// `eq`, `not`, `ge`, `le`, `startsWith`, `$count`.
pub(crate) const LISTED_RANGE_STARTS: Abilities = LISTED_RANGE.and(Abilities::STARTS_WITH);
/// `eq`, `not`, `ge`, `le`, `in`, `startsWith`, `endsWith`, `$count`.
pub(crate) const LISTED_RANGE_STARTS_ENDS: Abilities = LISTED_RANGE_STARTS_ENDS_NO_IN.and(Abilities::IN);
/// `eq`, `not`, `ge`, `le`, `startsWith`, `endsWith`, `$count`.
pub(crate) const LISTED_RANGE_STARTS_ENDS_NO_IN: Abilities = LISTED_RANGE_STARTS.and(Abilities::ENDS_WITH);
/// `eq`, `not`, `startsWith`, `$count`.
pub(crate) const LISTED_STARTS: Abilities = LISTED.and(Abilities::STARTS_WITH);
