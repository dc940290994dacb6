//! `$skipToken`: where the next page begins. Opaque to clients, and only valid for the query that it was made for.

use std::hash::Hasher as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use siphasher::sip::SipHasher13;

use super::fault::QueryError;

/// The index of the first entity of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkipToken(pub u32);

impl SkipToken {
    /// As text, bound to a query.
    pub fn render(self, question: &str) -> String {
        let mut bytes = self.0.to_le_bytes().to_vec();
        bytes.extend(self.mark(question).to_le_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// From text.
    ///
    /// # Errors
    /// If it was not made for this query.
    pub fn parse(text: &str, question: &str) -> Result<Self, QueryError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let parts = bytes.as_deref().and_then(|bytes| bytes.split_first_chunk::<4>());
        let token = parts.map(|(place, mark)| (Self(u32::from_le_bytes(*place)), mark));
        match token {
            Some((token, mark)) if token.mark(question).to_le_bytes() == *mark => Ok(token),
            _ => Err(QueryError::new(
                "$skiptoken",
                "it does not belong to this question: follow @odata.nextLink as it is",
            )),
        }
    }

    fn mark(self, question: &str) -> u64 {
        let mut hasher = SipHasher13::new();
        hasher.write_u32(self.0);
        hasher.write(question.as_bytes());
        hasher.finish()
    }
}
