//! Words as numbers, for machines at rest: a byte for each instead of its name. Decides nothing.

/// The word that a code stands for.
///
/// # Errors
/// If it stands for none.
pub(crate) fn decode<Word: Copy>(words: &[Word], code: u8) -> Result<Word, &'static str> {
    words.get(usize::from(code)).copied().ok_or("a code that stands for no word")
}

/// Lets an enum with `ALL` its words, in the order of their numbers, be carried as a byte.
macro_rules! coded {
    ($word:ty) => {
        impl From<$word> for u8 {
            fn from(word: $word) -> Self {
                word as Self
            }
        }

        impl TryFrom<u8> for $word {
            type Error = &'static str;

            fn try_from(code: u8) -> Result<Self, Self::Error> {
                $crate::rules::base::codes::decode(&Self::ALL, code)
            }
        }
    };
}
pub(crate) use coded;

/// A moment that may be never, which is a byte instead of the largest number.
pub(crate) mod perhaps {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::rules::base::time::SimTime;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a field is handed over as what it is")]
    pub(in crate::rules) fn serialize<S: Serializer>(at: &SimTime, to: S) -> Result<S::Ok, S::Error> {
        Some(at).filter(|at| **at < SimTime::NEVER).serialize(to)
    }

    pub(in crate::rules) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SimTime, D::Error> {
        Ok(Option::deserialize(from)?.unwrap_or(SimTime::NEVER))
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::base::time::SimTime;
    use crate::rules::faults::fault::FaultSet;
    use crate::rules::service::journey::{Form, WaitCause};

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Carried {
        form: Form,
        cause: Option<WaitCause>,
        #[serde(with = "super::perhaps")]
        at: SimTime,
        faults: FaultSet,
    }

    #[test]
    fn everything_arrives_and_is_short() {
        for form in Form::ALL {
            for cause in WaitCause::ALL.map(Some).into_iter().chain([None]) {
                for at in [SimTime::ZERO, SimTime(u64::MAX - 1), SimTime::NEVER] {
                    for faults in [FaultSet(0), FaultSet(1 << 127 | 5)] {
                        let sent = Carried { form, cause, at, faults };
                        let bytes = rmp_serde::to_vec(&sent).expect("it is written");
                        assert_eq!(rmp_serde::from_slice::<Carried>(&bytes).expect("it is read"), sent);
                        assert!(at < SimTime::NEVER || faults != FaultSet(0) || bytes.len() <= 7, "{bytes:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_code_of_no_word_is_refused() {
        let bytes = rmp_serde::to_vec(&99_u8).expect("it is written");
        let error = rmp_serde::from_slice::<Form>(&bytes).expect_err("there are six forms");
        assert!(error.to_string().contains("stands for no word"), "{error}");
    }
}
