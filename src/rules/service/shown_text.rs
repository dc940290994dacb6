//! The text of a message on the phone: what of it a form shows (R63, R32), and until when a phone may show it. Must not
//! hold a text: callers lend it.

use super::journey::Form;
use crate::rules::base::limits::{BODY_CHARACTERS_MAX, TITLE_CHARACTERS_MAX};
use crate::rules::base::time::SimTime;

/// What a phone shows in place of a text that it hides: the name of the app.
pub const APP_NAME: &str = "Company Portal";
/// What an outdated app shows in place of the body (R32); the wording is ours.
pub const UPDATE_NOTICE: &str = "Update the app to see this message.";
/// Bytes of UTF-8 that a character may take, under both readings of R4.
const CHARACTER_BYTES_MAX: usize = 4;
/// Bytes of the longest title that can be accepted.
pub const TITLE_BYTES_MAX: usize = TITLE_CHARACTERS_MAX * CHARACTER_BYTES_MAX;
/// Bytes of the longest body that can be accepted.
pub const BODY_BYTES_MAX: usize = BODY_CHARACTERS_MAX * CHARACTER_BYTES_MAX;

/// Title and body, as they were sent. It has no `Debug`, so that no log or error prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageText {
    /// The title.
    pub title: String,
    /// The body.
    pub body: String,
}

/// What can be read of a notification. `None` stands for what the phone hides, or what is not kept any more.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct VisibleText {
    /// The upper line.
    pub title: Option<String>,
    /// The lines below.
    pub body: Option<String>,
}

/// What a form shows of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextSight {
    /// Title and body.
    Whole,
    /// The name of the app.
    AppName,
    /// The name of the app, and that it has to be updated.
    UpdateNotice,
}

impl Form {
    /// What it shows of a text (R63, R32).
    pub const fn sight(self) -> TextSight {
        match self {
            Self::Banner | Self::LockFull | Self::NotificationCentre | Self::InApp => TextSight::Whole,
            Self::LockHidden => TextSight::AppName,
            Self::Stub => TextSight::UpdateNotice,
        }
    }
}

impl TextSight {
    /// Whether the text itself is needed for it.
    pub const fn needs_text(self) -> bool {
        matches!(self, Self::Whole)
    }

    /// What can be read, given the text if it is kept.
    pub fn of(self, text: Option<MessageText>) -> VisibleText {
        match self {
            Self::Whole => text.map_or_else(VisibleText::default, |MessageText { title, body }| VisibleText {
                title: Some(title),
                body: Some(body),
            }),
            Self::AppName => VisibleText { title: Some(APP_NAME.to_owned()), body: None },
            Self::UpdateNotice => {
                VisibleText { title: Some(APP_NAME.to_owned()), body: Some(UPDATE_NOTICE.to_owned()) }
            }
        }
    }
}

/// How far a message has come, as far as its text is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextUse {
    /// Pairs that were sent out.
    pub sent: u64,
    /// Pairs that do not wait any more.
    pub settled: u64,
    /// Of these, pairs that were shown.
    pub shown: u64,
    /// Of these, pairs that were dismissed.
    pub dismissed: u64,
    /// The last moment at which a joiner may still become a pair. `None` if none may.
    pub catch_up_until: Option<SimTime>,
    /// The moment up to which the other counts have everything that was sent out.
    pub handed_out_until: SimTime,
}

impl TextUse {
    /// Whether no phone can show the text any more: none waits for it, none has it on the screen, and no device can join.
    pub fn is_over(&self) -> bool {
        let may_join = self.catch_up_until.is_some_and(|until| self.handed_out_until < until);
        !may_join && self.settled == self.sent && self.dismissed == self.shown
    }
}

/// The last moment at which a message to groups may get another pair: its window of `catch_up_ms` (R37), at most the
/// `last` moment of the world. `None` if there is no window.
pub fn joins_until(accepted_at: SimTime, catch_up_ms: u64, last: SimTime) -> Option<SimTime> {
    (catch_up_ms > 0).then(|| (accepted_at + catch_up_ms).min(last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use strum::VariantArray as _;

    use super::*;

    fn read(form: Form, text: Option<(&str, &str)>) -> (Option<String>, Option<String>) {
        let text = text.map(|(title, body)| MessageText { title: title.to_owned(), body: body.to_owned() });
        let VisibleText { title, body } = form.sight().of(text);
        (title, body)
    }

    #[test]
    fn a_form_shows_the_whole_text_or_nothing_of_it_r63_r32() {
        let whole = (Some("t".to_owned()), Some("b".to_owned()));
        for form in [Form::Banner, Form::LockFull, Form::NotificationCentre, Form::InApp] {
            assert_eq!(read(form, Some(("t", "b"))), whole);
            assert_eq!(read(form, None), (None, None), "it is not kept");
        }
        for kept in [Some(("t", "b")), None] {
            assert_eq!(read(Form::LockHidden, kept), (Some(APP_NAME.to_owned()), None));
            assert_eq!(read(Form::Stub, kept), (Some(APP_NAME.to_owned()), Some(UPDATE_NOTICE.to_owned())));
        }
        for form in Form::VARIANTS {
            assert_eq!(form.sight().needs_text(), read(*form, Some(("t", "b"))) == whole);
        }
    }

    #[test]
    fn a_joiner_may_come_until_the_end_of_the_window_or_of_the_world() {
        let last = SimTime(1_000);
        assert_eq!(joins_until(SimTime(5), 0, last), None);
        assert_eq!(joins_until(SimTime(5), 10, last), Some(SimTime(15)));
        assert_eq!(joins_until(SimTime(995), 10, last), Some(last));
    }

    /// What becomes of one pair, step by step.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Pair {
        Waits,
        Ended,
        OnScreen,
        Dismissed,
    }

    proptest! {
        #[test]
        fn a_text_is_over_exactly_when_no_pair_needs_it_and_none_can_join(
            pairs in proptest::collection::vec(
                prop_oneof![Just(Pair::Waits), Just(Pair::Ended), Just(Pair::OnScreen), Just(Pair::Dismissed)], 0..6),
            until in proptest::option::of(0..10_u64),
            known_until in 0..10_u64,
        ) {
            let count = |wanted: &[Pair]| pairs.iter().filter(|pair| wanted.contains(pair)).count() as u64;
            let text = TextUse {
                sent: pairs.len() as u64,
                settled: count(&[Pair::Ended, Pair::OnScreen, Pair::Dismissed]),
                shown: count(&[Pair::OnScreen, Pair::Dismissed]),
                dismissed: count(&[Pair::Dismissed]),
                catch_up_until: until.map(SimTime),
                handed_out_until: SimTime(known_until),
            };
            let needed = pairs.iter().any(|pair| matches!(pair, Pair::Waits | Pair::OnScreen));
            let may_join = until.is_some_and(|until| known_until < until);
            prop_assert_eq!(text.is_over(), !needed && !may_join);
        }
    }
}
