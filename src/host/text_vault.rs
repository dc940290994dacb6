//! The texts of accepted messages that a phone may still show, each once and encrypted, in bounded memory. Must not
//! decide when one is over.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use super::sealed_text::SealedText;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::service::message::MessageKind;
use crate::rules::service::shown_text::MessageText;
use crate::rules::timeline::history::INPUTS_MAX;
use crate::store::{StoredText, TextChanges, TextKey};

/// Texts that are kept; some 150 bytes each beside the ciphertext, computed from the layout.
pub(crate) const TEXTS_MAX: usize = 100_000;
/// Bytes of ciphertext that are kept: 100,000 texts of the usual length, or 30,000 of the longest.
pub(crate) const TEXT_BYTES_MAX: usize = 64 << 20;
/// Texts that are looked at in turn at each look, whatever was reported of them: 100,000 take 100 seconds.
pub(crate) const TEXTS_A_LOOK: usize = 256;

/// A text before its message is accepted, as the caller sealed it; `None` if it could not be.
pub(crate) type PostedText = Option<(TextKey, SealedText)>;

/// The texts that a phone may still show.
#[derive(Debug, Default)]
pub(crate) struct TextVault {
    texts: BTreeMap<MessageIx, KeptText>,
    /// Bytes of their ciphertexts.
    bytes: usize,
    /// The ends of the latest catch-up windows that have not been looked at, in the order of acceptance.
    windows: VecDeque<(SimTime, MessageIx)>,
    /// The last text that was looked at in turn.
    last_looked_at: Option<MessageIx>,
    /// Texts that were dropped although a phone may have shown them.
    dropped: u64,
    /// What a store has not been told, if there is one.
    untold: Option<UntoldTexts>,
}

/// Changes since a store was told.
#[derive(Debug, Default)]
struct UntoldTexts {
    kept: Vec<MessageIx>,
    over: Vec<MessageIx>,
}

/// A kept text.
#[derive(Debug)]
struct KeptText {
    key: TextKey,
    sealed: SealedText,
    kind: MessageKind,
    joins_until: Option<SimTime>,
}

impl TextVault {
    /// From now on what changes is noted for a store.
    pub(super) fn note_changes(&mut self) {
        self.untold.get_or_insert_default();
    }

    /// Whether texts have ended that a store has not been told of.
    pub(super) fn has_untold_ends(&self) -> bool {
        self.untold.as_ref().is_some_and(|untold| !untold.over.is_empty())
    }

    /// Takes what a store has not been told.
    pub(super) fn take_changes(&mut self) -> TextChanges {
        let Some(untold) = &mut self.untold else { return TextChanges::default() };
        let UntoldTexts { kept, over } = std::mem::take(untold);
        let stored = |message: MessageIx| {
            let KeptText { key, sealed, .. } = self.texts.get(&message)?;
            Some(StoredText { message: message.0, sealed: sealed.stored(), key: key.copy() })
        };
        let kept = kept.into_iter().filter_map(stored).collect();
        TextChanges { kept, over: over.into_iter().map(|message| message.0).collect() }
    }

    /// Forgets all texts, as a store does when its tenant begins anew.
    pub(super) fn begin_again(&mut self) {
        let untold = self.untold.take().map(|_| UntoldTexts::default());
        *self = Self { untold, ..Self::default() };
    }

    /// Keeps the text of the message that was accepted last; `joins_until` is the end of its catch-up window. Beyond the
    /// bounds the oldest texts are dropped.
    pub(crate) fn keep(
        &mut self,
        message: MessageIx,
        kind: MessageKind,
        text: PostedText,
        joins_until: Option<SimTime>,
    ) {
        let Some(text) = text else {
            self.dropped += 1;
            return;
        };
        if let Some(untold) = &mut self.untold {
            untold.kept.push(message);
        }
        self.take_up(message, kind, text, joins_until);
    }

    /// The same for a text that is stored.
    pub(super) fn take_up(
        &mut self,
        message: MessageIx,
        kind: MessageKind,
        (key, sealed): (TextKey, SealedText),
        joins_until: Option<SimTime>,
    ) {
        self.bytes += sealed.bytes();
        self.texts.insert(message, KeptText { key, sealed, kind, joins_until });
        self.windows.extend(joins_until.map(|until| (until, message)));
        if self.windows.len() > TEXTS_MAX {
            self.windows.pop_front();
        }
        while let Some((oldest, _)) = self.texts.first_key_value() {
            // The counts of older messages to one device are not kept, so that their end would not be noticed.
            let is_forgotten = message.at() - oldest.at() >= INPUTS_MAX;
            if self.texts.len() <= TEXTS_MAX && self.bytes <= TEXT_BYTES_MAX && !is_forgotten {
                break;
            }
            let oldest = *oldest;
            self.erase(oldest);
            self.dropped += 1;
        }
    }

    /// Has a stored text removed that is not kept.
    pub(super) fn give_up(&mut self, message: MessageIx) {
        if let Some(untold) = &mut self.untold {
            untold.over.push(message);
        }
    }

    /// The messages whose texts are kept, in order.
    pub(super) fn messages(&self) -> Vec<MessageIx> {
        self.texts.keys().copied().collect()
    }

    /// Overwrites the key of a text, and forgets the text.
    pub(crate) fn erase(&mut self, message: MessageIx) {
        if let Some(mut text) = self.texts.remove(&message) {
            text.key.erase();
            self.bytes -= text.sealed.bytes();
            self.give_up(message);
        }
    }

    /// Erases a text that is kept and over, as `is_over` decides from the end of its catch-up window.
    pub(crate) fn erase_if(&mut self, message: MessageIx, is_over: impl FnOnce(Option<SimTime>) -> bool) {
        if self.texts.get(&message).is_some_and(|text| is_over(text.joins_until)) {
            self.erase(message);
        }
    }

    /// Whether it is a message to groups whose text is kept. Of one to a device the engine tells when it is over.
    pub(crate) fn is_of_groups(&self, message: MessageIx) -> bool {
        self.texts.get(&message).is_some_and(|text| text.kind == MessageKind::Group)
    }

    /// The messages whose window has ended before `now` since the last call, and those whose turn it is: each text has one
    /// in the end, whatever was reported of it.
    pub(crate) fn due(&mut self, now: SimTime) -> Vec<MessageIx> {
        let mut due = Vec::new();
        while let Some((_, message)) = self.windows.pop_front_if(|(until, _)| *until < now) {
            due.push(message);
        }
        let from = self.last_looked_at.map_or(Bound::Unbounded, Bound::Excluded);
        let turn = self.texts.range((from, Bound::Unbounded)).map(|(message, _)| *message).take(TEXTS_A_LOOK);
        let before = due.len();
        due.extend(turn);
        let looked_at = &due[before..];
        self.last_looked_at = looked_at.last().filter(|_| looked_at.len() == TEXTS_A_LOOK).copied();
        due
    }

    /// The text of a message, if it is kept.
    pub(crate) fn text(&self, message: MessageIx) -> Option<MessageText> {
        let KeptText { key, sealed, .. } = self.texts.get(&message)?;
        sealed.open(key)
    }

    /// The key of a message's text, for tests that search for it.
    #[cfg(test)]
    pub(super) fn key(&self, message: MessageIx) -> Option<&TextKey> {
        self.texts.get(&message).map(|text| &text.key)
    }

    /// The number of texts.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Takes the number of texts that were dropped since the last call.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keep(vault: &mut TextVault, message: u32, title: &str, joins_until: Option<u64>) {
        let kind = if joins_until.is_some() { MessageKind::Group } else { MessageKind::Device };
        vault.keep(MessageIx(message), kind, SealedText::seal(title, "body"), joins_until.map(SimTime));
    }

    fn title(vault: &TextVault, message: u32) -> Option<String> {
        vault.text(MessageIx(message)).map(|text| text.title)
    }

    #[test]
    fn a_text_is_there_until_it_is_erased() {
        let mut vault = TextVault::default();
        keep(&mut vault, 0, "first", None);
        keep(&mut vault, 1, "second", Some(7));
        assert_eq!((title(&vault, 0).as_deref(), title(&vault, 1).as_deref()), (Some("first"), Some("second")));
        vault.erase_if(MessageIx(1), |until| until != Some(SimTime(7)));
        vault.erase_if(MessageIx(2), |_| unreachable!("it is not kept"));
        vault.erase(MessageIx(0));
        vault.erase(MessageIx(0));
        assert_eq!((title(&vault, 0), vault.len()), (None, 1));
        vault.erase_if(MessageIx(1), |until| until == Some(SimTime(7)));
        assert_eq!((vault.len(), vault.bytes, vault.take_dropped()), (0, 0, 0));
    }

    #[test]
    fn the_oldest_text_goes_beyond_each_bound() {
        let mut vault = TextVault::default();
        for message in 0..=TEXTS_MAX as u32 {
            keep(&mut vault, message, "t", None);
        }
        assert_eq!((vault.len(), vault.take_dropped()), (TEXTS_MAX, 1));
        assert_eq!((title(&vault, 0), title(&vault, 1).as_deref()), (None, Some("t")));
        keep(&mut vault, INPUTS_MAX as u32 + 1, "far ahead", None);
        assert_eq!(vault.texts.first_key_value().map(|(first, _)| first.0), Some(2));
        let mut vault = TextVault::default();
        let long = "b".repeat(crate::rules::service::shown_text::BODY_BYTES_MAX);
        let mut message = 0;
        while vault.dropped == 0 {
            vault.keep(MessageIx(message), MessageKind::Device, SealedText::seal("t", &long), None);
            message += 1;
        }
        assert!(vault.bytes <= TEXT_BYTES_MAX && vault.bytes > TEXT_BYTES_MAX - 2 * long.len());
        assert_eq!(vault.len(), message as usize - 1);
    }

    #[test]
    fn a_text_that_could_not_be_sealed_counts_as_dropped() {
        let mut vault = TextVault::default();
        vault.keep(MessageIx(0), MessageKind::Device, None, None);
        assert_eq!((vault.len(), vault.take_dropped(), vault.take_dropped()), (0, 1, 0));
    }

    #[test]
    fn a_window_is_due_once_after_its_last_moment() {
        let mut vault = TextVault::default();
        keep(&mut vault, 0, "t", Some(5));
        keep(&mut vault, 1, "t", Some(6));
        let mut due = |now| {
            // No text has its turn.
            vault.last_looked_at = Some(MessageIx(1));
            vault.due(SimTime(now))
        };
        assert_eq!(due(5), [], "joiners come until 5");
        assert_eq!(due(6), [MessageIx(0)]);
        assert_eq!(due(7), [MessageIx(1)]);
        assert_eq!(due(8), []);
    }

    #[test]
    fn a_store_is_told_each_change_once_and_no_text_that_was_over_before() {
        let mut vault = TextVault::default();
        keep(&mut vault, 0, "before", None);
        vault.erase(MessageIx(0));
        assert!(!vault.has_untold_ends(), "no store is told");
        vault.note_changes();
        keep(&mut vault, 1, "kept", None);
        keep(&mut vault, 2, "over", None);
        assert!(!vault.has_untold_ends());
        vault.erase(MessageIx(2));
        assert!(vault.has_untold_ends());
        let told = |vault: &mut TextVault| {
            let TextChanges { kept, over } = vault.take_changes();
            (kept.iter().map(|text| text.message).collect::<Vec<_>>(), over)
        };
        assert_eq!(told(&mut vault), (vec![1], vec![2]));
        assert_eq!(told(&mut vault), (vec![], vec![]));
        let (_, sealed) = SealedText::seal("t", "b").expect("it is short");
        vault.take_up(MessageIx(3), MessageKind::Device, (TextKey::of(&[1; 32]), sealed), None);
        assert_eq!(told(&mut vault), (vec![], vec![]), "it is stored");
        vault.erase(MessageIx(1));
        vault.begin_again();
        assert_eq!((vault.len(), vault.bytes), (0, 0));
        assert_eq!(told(&mut vault), (vec![], vec![]), "the store forgets all by itself");
        keep(&mut vault, 0, "after", None);
        assert_eq!(told(&mut vault), (vec![0], vec![]));
    }

    proptest! {
        #[test]
        fn every_text_has_its_turn_and_no_look_has_many(
            texts in 0..2_000_usize,
            erased in proptest::collection::vec(0..2_000_u32, 0..50),
        ) {
            let mut vault = TextVault::default();
            let (_, sealed) = SealedText::seal("t", "b").expect("it is short");
            for message in 0..texts as u32 {
                let (key, _) = SealedText::seal("t", "b").expect("it is short");
                vault.keep(MessageIx(message), MessageKind::Device, Some((key, sealed.clone())), None);
            }
            let mut seen = std::collections::BTreeSet::new();
            for at in 0..=2 * texts / TEXTS_A_LOOK + 1 {
                let due = vault.due(SimTime::ZERO);
                prop_assert!(due.len() <= TEXTS_A_LOOK);
                seen.extend(due);
                if let Some(message) = erased.get(at) {
                    vault.erase(MessageIx(*message));
                }
            }
            prop_assert!(vault.texts.keys().all(|message| seen.contains(message)));
        }
    }
}
