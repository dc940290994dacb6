//! What a filter may do with properties of the directory, as the reference of each property says it. Data.

use crate::odata::Abilities;

/// `$count`.
pub(crate) const COUNT: Abilities = Abilities::COUNT;
/// `eq`, `ne`, `not`, `in`.
pub(crate) const EQUAL: Abilities = Abilities::EQ.and(Abilities::NE).and(Abilities::NOT).and(Abilities::IN);
/// `eq`, `ne`, `not`.
pub(crate) const EQUAL_NO_IN: Abilities = Abilities::EQ.and(Abilities::NE).and(Abilities::NOT);
/// `eq`, `ne`, `not`, `in`, `null`.
pub(crate) const EQUAL_NULL: Abilities =
    Abilities::EQ.and(Abilities::NE).and(Abilities::NOT).and(Abilities::IN).and(Abilities::NULL);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`.
pub(crate) const EQUAL_RANGE: Abilities =
    Abilities::EQ.and(Abilities::NE).and(Abilities::NOT).and(Abilities::GE).and(Abilities::LE).and(Abilities::IN);
/// `eq`, `ne`, `not`, `ge`, `le`.
pub(crate) const EQUAL_RANGE_NO_IN: Abilities =
    Abilities::EQ.and(Abilities::NE).and(Abilities::NOT).and(Abilities::GE).and(Abilities::LE);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `null`.
pub(crate) const EQUAL_RANGE_NULL: Abilities = Abilities::EQ
    .and(Abilities::NE)
    .and(Abilities::NOT)
    .and(Abilities::GE)
    .and(Abilities::LE)
    .and(Abilities::IN)
    .and(Abilities::NULL);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `startsWith`.
pub(crate) const EQUAL_RANGE_STARTS: Abilities = Abilities::EQ
    .and(Abilities::NE)
    .and(Abilities::NOT)
    .and(Abilities::GE)
    .and(Abilities::LE)
    .and(Abilities::IN)
    .and(Abilities::STARTS_WITH);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `startsWith`, `endsWith`.
pub(crate) const EQUAL_RANGE_STARTS_ENDS: Abilities = Abilities::EQ
    .and(Abilities::NE)
    .and(Abilities::NOT)
    .and(Abilities::GE)
    .and(Abilities::LE)
    .and(Abilities::IN)
    .and(Abilities::STARTS_WITH)
    .and(Abilities::ENDS_WITH);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `startsWith`, `endsWith`, `null`.
pub(crate) const EQUAL_RANGE_STARTS_ENDS_NULL: Abilities = Abilities::EQ
    .and(Abilities::NE)
    .and(Abilities::NOT)
    .and(Abilities::GE)
    .and(Abilities::LE)
    .and(Abilities::IN)
    .and(Abilities::STARTS_WITH)
    .and(Abilities::ENDS_WITH)
    .and(Abilities::NULL);
/// `eq`, `ne`, `not`, `ge`, `le`, `in`, `startsWith`, `null`.
pub(crate) const EQUAL_RANGE_STARTS_NULL: Abilities = Abilities::EQ
    .and(Abilities::NE)
    .and(Abilities::NOT)
    .and(Abilities::GE)
    .and(Abilities::LE)
    .and(Abilities::IN)
    .and(Abilities::STARTS_WITH)
    .and(Abilities::NULL);
/// `eq`, `ne`, `not`, `startsWith`.
pub(crate) const EQUAL_STARTS: Abilities =
    Abilities::EQ.and(Abilities::NE).and(Abilities::NOT).and(Abilities::STARTS_WITH);
/// `eq`, `ne`, `not`, `in`, `startsWith`.
pub(crate) const EQUAL_STARTS_IN: Abilities =
    Abilities::EQ.and(Abilities::NE).and(Abilities::NOT).and(Abilities::IN).and(Abilities::STARTS_WITH);
/// `eq`, `ne`, `not`, `startsWith`, `null`.
pub(crate) const EQUAL_STARTS_NULL: Abilities =
    Abilities::EQ.and(Abilities::NE).and(Abilities::NOT).and(Abilities::STARTS_WITH).and(Abilities::NULL);
/// `eq`, `not`, `$count`.
pub(crate) const LISTED: Abilities = Abilities::EQ.and(Abilities::NOT).and(Abilities::COUNT);
/// `eq`, `not`, `ge`, `le`, `$count`.
pub(crate) const LISTED_RANGE: Abilities =
    Abilities::EQ.and(Abilities::NOT).and(Abilities::GE).and(Abilities::LE).and(Abilities::COUNT);
/// `eq`, `not`, `ge`, `le`, `startsWith`, `$count`.
pub(crate) const LISTED_RANGE_STARTS: Abilities = Abilities::EQ
    .and(Abilities::NOT)
    .and(Abilities::GE)
    .and(Abilities::LE)
    .and(Abilities::STARTS_WITH)
    .and(Abilities::COUNT);
/// `eq`, `not`, `ge`, `le`, `in`, `startsWith`, `endsWith`, `$count`.
pub(crate) const LISTED_RANGE_STARTS_ENDS: Abilities = Abilities::EQ
    .and(Abilities::NOT)
    .and(Abilities::GE)
    .and(Abilities::LE)
    .and(Abilities::IN)
    .and(Abilities::STARTS_WITH)
    .and(Abilities::ENDS_WITH)
    .and(Abilities::COUNT);
/// `eq`, `not`, `ge`, `le`, `startsWith`, `endsWith`, `$count`.
pub(crate) const LISTED_RANGE_STARTS_ENDS_NO_IN: Abilities = Abilities::EQ
    .and(Abilities::NOT)
    .and(Abilities::GE)
    .and(Abilities::LE)
    .and(Abilities::STARTS_WITH)
    .and(Abilities::ENDS_WITH)
    .and(Abilities::COUNT);
/// `eq`, `not`, `startsWith`, `$count`.
pub(crate) const LISTED_STARTS: Abilities =
    Abilities::EQ.and(Abilities::NOT).and(Abilities::STARTS_WITH).and(Abilities::COUNT);
