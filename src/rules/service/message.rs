//! Limits of a message's text, and reasons for a refusal (R1–R5, X5, X28). Must not keep a text: a message under way
//! has none.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::journey::{Effect, Journey, SkipCause};
use super::readings::{BlankText, CharacterCount, Service};
use crate::rules::base::ids::{Key, MessageIx, SendIx};
use crate::rules::base::limits::{BODY_CHARACTERS_MAX, TITLE_CHARACTERS_MAX};
use crate::rules::base::time::SimTime;

/// To groups or to one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum MessageKind {
    /// To groups (R40).
    Group,
    /// To one device (R43).
    Device,
}

impl MessageKind {
    /// The name in reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// An accepted message, without its text (R6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its index in the order of acceptance.
    pub ix: MessageIx,
    /// The send that it is an occurrence of.
    pub send: SendIx,
    /// The occurrence, from 0.
    pub occurrence: u32,
    /// Its stable key.
    pub key: Key,
    /// To groups or to one device.
    pub kind: MessageKind,
    /// When it was accepted; all its times count from here.
    pub accepted_at: SimTime,
    /// How long each gateway tries it, in ms (APNs, FCM).
    pub expiry_ms: [u64; 2],
    /// The end of its catch-up window: the last moment at which a joiner is caught up. `None` for a single device.
    pub catch_up_until: Option<SimTime>,
}

/// The identity of a message before its acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The send that it is an occurrence of.
    pub send: SendIx,
    /// The occurrence, from 0.
    pub occurrence: u32,
    /// Its stable key.
    pub key: Key,
}

impl Message {
    /// Whether nothing can happen to its pair any more. A shown notification may be dismissed, and a pair skipped as
    /// not enrolled may yet set out (X12).
    pub const fn is_over(&self, journey: Journey) -> bool {
        match journey {
            Journey::Shown(_) | Journey::Waiting(_) => false,
            Journey::Skipped(SkipCause::NotEnrolled) => self.catch_up_until.is_none(),
            _ => true,
        }
    }

    /// Whether this effect is the last one of its pair.
    pub const fn ends_with(&self, effect: &Effect) -> bool {
        match effect {
            Effect::Moved { to, .. } => self.is_over(*to),
            Effect::Dismissed { .. } => true,
            Effect::Started { .. } | Effect::Touched { .. } | Effect::Exposed { .. } => false,
        }
    }
}

/// Why a message is refused, in the order of the checks (X5).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Reason {
    /// R10–R13.
    Permission,
    /// R15.
    Scope,
    /// R5, for title or body.
    EmptyText,
    /// R1.
    TitleTooLong,
    /// R2.
    BodyTooLong,
    /// R20.
    TooManyGroups,
    /// R29, for a single device.
    NotEnrolled,
    /// R27, R28, for a single device.
    UnsupportedTarget,
    /// R40.
    GroupQuota,
    /// R43.
    DeviceQuota,
}

impl Reason {
    /// Whether it is a quota, so that the same attempt may be accepted later.
    pub const fn is_quota(self) -> bool {
        match self {
            Self::GroupQuota | Self::DeviceQuota => true,
            Self::Permission
            | Self::Scope
            | Self::EmptyText
            | Self::TitleTooLong
            | Self::BodyTooLong
            | Self::TooManyGroups
            | Self::NotEnrolled
            | Self::UnsupportedTarget => false,
        }
    }

    /// The reason for a refusal by the quota of this kind of message.
    pub const fn of_quota(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Group => Self::GroupQuota,
            MessageKind::Device => Self::DeviceQuota,
        }
    }

    /// The name in reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// A refusal. It uses no slot, unless the scenario says otherwise (R46).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The reason.
    pub reason: Reason,
    /// For a quota: when the next slot is free, unless the scenario withholds it (R47).
    pub next_slot: Option<SimTime>,
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, next_slot: None }
    }
}

/// R1–R5: whether this text may be sent.
///
/// # Errors
/// The first reason for a refusal, title before body.
pub fn check_text(title: &str, body: &str, service: &Service) -> Result<(), Reason> {
    let characters = |text: &str| match service.characters {
        CharacterCount::Utf16 => text.encode_utf16().count(),
        CharacterCount::Scalar => text.chars().count(),
    };
    let is_empty = |text: &str| service.blank_text == BlankText::Refused && text.chars().all(char::is_whitespace);
    if is_empty(title) {
        Err(Reason::EmptyText)
    } else if characters(title) > TITLE_CHARACTERS_MAX {
        Err(Reason::TitleTooLong)
    } else if is_empty(body) {
        Err(Reason::EmptyText)
    } else if characters(body) > BODY_CHARACTERS_MAX {
        Err(Reason::BodyTooLong)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: usize, body: usize) -> Result<(), Reason> {
        check_text(&"é".repeat(title), &"é".repeat(body), &Service::default())
    }

    #[test]
    fn takes_50_and_500_characters_and_not_one_more_r1_r2_r3() {
        assert_eq!(check(50, 500), Ok(()));
        assert_eq!(check(51, 500), Err(Reason::TitleTooLong));
        assert_eq!(check(50, 501), Err(Reason::BodyTooLong));
        assert_eq!(check(51, 501), Err(Reason::TitleTooLong));
    }

    #[test]
    fn counts_utf_16_code_units_unless_told_otherwise_r4() {
        let title = "🦀".repeat(26);
        let by_scalar = Service { characters: CharacterCount::Scalar, ..Service::default() };
        assert_eq!(check_text(&title, "b", &Service::default()), Err(Reason::TitleTooLong));
        assert_eq!(check_text(&title, "b", &by_scalar), Ok(()));
    }

    #[test]
    fn refuses_text_that_is_only_white_space_unless_told_otherwise_r5() {
        let lenient = Service { blank_text: BlankText::Accepted, ..Service::default() };
        for (title, body) in [("\u{2003}\t", "b"), ("t", "")] {
            assert_eq!(check_text(title, body, &Service::default()), Err(Reason::EmptyText));
            assert_eq!(check_text(title, body, &lenient), Ok(()));
        }
        assert_eq!(check_text(&" ".repeat(51), "b", &lenient), Err(Reason::TitleTooLong));
    }

    #[test]
    fn a_pair_is_over_unless_it_waits_is_shown_or_may_yet_set_out_x12() {
        use super::super::journey::{Form, LossCause, WaitCause};
        let message = |catch_up_until| Message {
            ix: MessageIx(0),
            send: SendIx(0),
            occurrence: 0,
            key: Key(0),
            kind: MessageKind::Group,
            accepted_at: SimTime::ZERO,
            expiry_ms: [0; 2],
            catch_up_until,
        };
        let (listed, late) = (message(None), message(Some(SimTime(5))));
        for code in 0..Journey::CODES {
            let journey = Journey::from_code(code);
            let is_open = matches!(journey, Journey::Waiting(_) | Journey::Shown(_));
            assert_eq!(
                (listed.is_over(journey), journey.is_settled()),
                (!is_open, !matches!(journey, Journey::Waiting(_)))
            );
            let may_set_out = journey == Journey::Skipped(SkipCause::NotEnrolled);
            assert_eq!(late.is_over(journey), !is_open && !may_set_out, "{journey:?}");
        }
        assert!(late.is_over(Journey::Lost(LossCause::Gateway)));
        assert_ne!(Journey::Waiting(WaitCause::VARIANTS[0]).code(), Journey::Shown(Form::VARIANTS[0]).code());
    }

    #[test]
    fn the_longest_message_fits_a_payload_r57() {
        const { assert!((TITLE_CHARACTERS_MAX + BODY_CHARACTERS_MAX) * 4 <= crate::rules::base::limits::PAYLOAD_BYTES_MAX) };
    }
}
