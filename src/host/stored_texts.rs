//! Texts that a store kept: read with the history, and taken up by the tenant when it has come to where it was. Must not
//! write to the store.

use super::driver::TenantLoop;
use super::sealed_text::SealedText;
use super::text_upkeep::window;
use super::text_vault::TEXTS_A_LOOK;
use crate::engine::EngineError;
use crate::rules::base::ids::MessageIx;
use crate::store::{StoreError, StoredTenant, StoredText, TextKey, TextLoss, TextLosses};

/// The texts of a stored tenant.
#[derive(Debug)]
pub(super) struct StoredTexts {
    /// Those that their keys open, by message.
    texts: Vec<(MessageIx, (TextKey, SealedText))>,
    /// Those that their keys do not open.
    unreadable: Vec<MessageIx>,
    /// Why some are gone.
    pub(super) losses: TextLosses,
}

impl StoredTexts {
    /// Reads them, and tries each key.
    ///
    /// # Errors
    /// What is damaged in the database.
    pub(super) fn read(tenant: &StoredTenant) -> Result<Self, StoreError> {
        let (stored, mut losses) = tenant.texts()?;
        let (mut texts, mut unreadable) = (Vec::with_capacity(stored.len()), Vec::new());
        for StoredText { message, sealed, key } in stored {
            let message = MessageIx(message);
            match SealedText::of_stored(&sealed).filter(|sealed| sealed.open(&key).is_some()) {
                Some(sealed) => texts.push((message, (key, sealed))),
                None => {
                    unreadable.push(message);
                    losses.add(TextLoss::DamagedKey);
                }
            }
        }
        Ok(Self { texts, unreadable, losses })
    }
}

impl TenantLoop {
    /// Takes up the texts of messages that have been done again, and erases those that are over by now.
    pub(super) async fn take_up_texts(&self, stored: StoredTexts) -> Result<(), EngineError> {
        let StoredTexts { texts, unreadable, losses: _ } = stored;
        let all = {
            let (log, mut vault) = (self.shared.log(), self.shared.texts());
            for message in unreadable {
                vault.give_up(message);
            }
            for (message, text) in texts {
                match log.posted(message) {
                    Some(posted) => {
                        let (kind, until) = window(&self.world, posted.at, &posted.recipients);
                        vault.take_up(message, kind, text, until);
                    }
                    // The history is too long to know the message.
                    None => vault.give_up(message),
                }
            }
            vault.messages()
        };
        for piece in all.chunks(TEXTS_A_LOOK) {
            self.erase_those_over(piece.to_vec()).await?;
        }
        Ok(())
    }
}
