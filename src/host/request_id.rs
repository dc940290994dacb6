//! The caller's id of a request: nearly always a UUID, or any word. Stored compactly, because every message has one.
//! Must not validate words.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// A caller's id of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestId(Form);

/// Each text has exactly one form, so that two ids are equal if their forms are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Form {
    /// No id was given.
    #[default]
    Unknown,
    /// A UUID in its usual spelling.
    Uuid(Uuid),
    /// Anything else.
    Word(Arc<str>),
}

impl RequestId {
    /// The id with this text; an empty text is no id.
    pub fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let is_usual = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let uuid = if is_usual { Uuid::try_parse(text).ok() } else { None };
        Self(uuid.map_or_else(|| Form::Word(Arc::from(text)), Form::Uuid))
    }

    /// Whether an id was given.
    pub const fn is_known(&self) -> bool {
        !matches!(self.0, Form::Unknown)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Unknown => Ok(()),
            Form::Uuid(uuid) => uuid.fmt(out),
            Form::Word(word) => word.fmt(out),
        }
    }
}

impl From<Uuid> for RequestId {
    fn from(uuid: Uuid) -> Self {
        Self(Form::Uuid(uuid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn another_spelling_is_another_id() {
        let usual = "01234567-89ab-cdef-0123-456789abcdef";
        let others = [usual.to_uppercase(), usual.replace('-', ""), format!("{{{usual}}}"), format!("{usual} ")];
        for text in &others {
            assert_ne!(RequestId::of(text), RequestId::of(usual));
            assert_eq!(RequestId::of(text).to_string(), *text);
        }
        assert_eq!(RequestId::of(usual), RequestId::from(Uuid::try_parse(usual).expect("it is one")));
        assert!(!RequestId::of("").is_known());
    }

    proptest! {
        #[test]
        fn every_id_survives_a_round_trip(text in "[!-~]{0,40}", bytes in any::<u128>()) {
            let uuid = Uuid::from_u128(bytes).to_string();
            for text in [text, uuid] {
                prop_assert_eq!(RequestId::of(&text).to_string(), text);
            }
        }
    }
}
