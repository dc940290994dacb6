//! Why texts of a store cannot be read any more, and how many. Must not read one.

use std::collections::BTreeMap;
use std::fmt;

/// Why a text is gone although no server has ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextLoss {
    /// There is no file of keys.
    NoKeys,
    /// The file of keys ends before the key.
    CutKeys,
    /// The key is not what was written, or is that of another text.
    DamagedKey,
    /// The place of the key is empty, as after the end of a text: the database is older than the keys, or an earlier start had none.
    ErasedKey,
}

impl fmt::Display for TextLoss {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NoKeys => "the file `keys` is not there",
            Self::CutKeys => "the file `keys` is too short",
            Self::DamagedKey => "their keys in the file `keys` are damaged or are those of other texts",
            Self::ErasedKey => "their places in the file `keys` are empty: the database is an older one",
        })
    }
}

/// How many texts are gone, by cause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextLosses(BTreeMap<TextLoss, u64>);

impl TextLosses {
    /// One more.
    pub fn add(&mut self, loss: TextLoss) {
        *self.0.entry(loss).or_default() += 1;
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

impl fmt::Display for TextLosses {
    /// How many, and why; nothing if there are none.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (loss, texts)) in self.0.iter().enumerate() {
            let and = if place == 0 { "" } else { "; " };
            let noun = if *texts == 1 { "text of a message is" } else { "texts of messages are" };
            write!(out, "{and}{texts} {noun} gone: {loss}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_told_with_its_number() {
        let mut losses = TextLosses::default();
        assert_eq!((losses.to_string(), losses.total()), (String::new(), 0));
        losses.add(TextLoss::CutKeys);
        losses.add(TextLoss::NoKeys);
        losses.add(TextLoss::CutKeys);
        assert_eq!(
            losses.to_string(),
            "1 text of a message is gone: the file `keys` is not there; 2 texts of messages are gone: the file `keys` is too short"
        );
        assert_eq!(losses.total(), 3);
    }
}
