//! Compact serialization of enums: one byte for each value instead of its name. Must not decide anything.

/// The value of a code.
///
/// # Errors
/// If no value has this code.
pub(crate) fn decode<Word: Copy>(words: &[Word], code: u8) -> Result<Word, &'static str> {
    words.get(usize::from(code)).copied().ok_or("a code that stands for no word")
}

/// Serializes an enum as the byte of its position among its variants; it must derive `strum::VariantArray`.
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
                $crate::rules::base::codes::decode(<Self as strum::VariantArray>::VARIANTS, code)
            }
        }
    };
}
pub(crate) use coded;

/// Serializes a moment; [`SimTime::NEVER`] takes a byte instead of the largest number.
pub(crate) mod perhaps {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::rules::base::time::SimTime;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
    pub(in crate::rules) fn serialize<S: Serializer>(at: &SimTime, to: S) -> Result<S::Ok, S::Error> {
        Some(at).filter(|at| **at < SimTime::NEVER).serialize(to)
    }

    pub(in crate::rules) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SimTime, D::Error> {
        Ok(Option::deserialize(from)?.unwrap_or(SimTime::NEVER))
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

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
    fn every_value_survives_a_round_trip_and_is_short() {
        for &form in Form::VARIANTS {
            for cause in WaitCause::VARIANTS.iter().copied().map(Some).chain([None]) {
                for at in [SimTime::ZERO, SimTime(u64::MAX - 1), SimTime::NEVER] {
                    for faults in [FaultSet(0), FaultSet(1 << 127 | 5)] {
                        let sent = Carried { form, cause, at, faults };
                        let bytes = rmp_serde::to_vec(&sent).expect("it serializes");
                        assert_eq!(rmp_serde::from_slice::<Carried>(&bytes).expect("it deserializes"), sent);
                        assert!(at < SimTime::NEVER || faults != FaultSet(0) || bytes.len() <= 7, "{bytes:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_unknown_code_is_refused() {
        let bytes = rmp_serde::to_vec(&99_u8).expect("it serializes");
        let error = rmp_serde::from_slice::<Form>(&bytes).expect_err("there are six forms");
        assert!(error.to_string().contains("stands for no word"), "{error}");
    }
}
