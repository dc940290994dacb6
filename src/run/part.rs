//! A part of a forecast as bytes, and back: the totals of a shard with everything that a report of them needs. Must not
//! add up parts or open a file.
//!
//! ```text
//! magic 8 · format u32 · length of the body u64 · checksum of the body u128 (all little-endian) · body: label, contents
//! ```
//! Both halves of the body are `MessagePack`: the label with the names of its fields, so that another version can read
//! which forecast the part belongs to; the contents without, because they are large and of one version only.

use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};

use super::partition::Shard;
use super::replay::Replay;
use crate::outcome::record::finished::Finished;
use crate::outcome::record::outcome::MODEL_VERSION;
use crate::rules::base::visible::one_line;
use crate::rules::counting::counts::RunCounts;
use crate::rules::model::world::World;
use crate::rules::timeline::agenda::Agenda;
use crate::scenario::shown;

/// The first bytes of a part.
const MAGIC: [u8; 8] = *b"REVEILLE";
/// The version of the format; raised when the layout changes.
const FORMAT: u32 = 4;
/// Bytes before the body.
const HEAD_BYTES: usize = 8 + 4 + 8 + 16;
/// The deepest nesting of values: a count in a bucket of a latency of a stratum of a message is eight deep, so a body
/// that is a thousand deep is not valid.
const DEPTH_MAX: usize = 32;

/// The identity of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartLabel {
    /// The program's version.
    pub version: String,
    /// The model's version.
    pub model_version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// 32 hex digits over the resolved scenario, without its seed.
    pub scenario_hash: String,
    /// The edition of the service.
    pub profile: String,
    /// The seed of all chance.
    pub seed: u64,
    /// Devices of the fleet.
    pub devices: u32,
    /// The shard and the number of shards.
    pub shard: Shard,
    /// Devices of the shard whose lives are in the totals.
    pub devices_done: u64,
    /// It was interrupted, while planning or before all its devices were done.
    pub interrupted: bool,
}

/// The totals of a shard, and what a report of them needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Contents {
    /// The resolved scenario without the texts of messages (R6): names of strata, faults and expectations come from it.
    pub scenario: String,
    /// The arguments of the command of the whole forecast.
    pub replay: Replay,
    /// How long it took, in ms of wall time.
    pub wall_ms: u64,
    /// The most memory that the process held, in bytes, where that is known.
    pub peak_rss_bytes: Option<u64>,
    /// The requests to the tenant and its answers: the same in all parts.
    pub agenda: Agenda,
    /// For each fault, the directory changes it slowed: the same in all parts.
    pub changes_slowed: Vec<u64>,
    /// Pairs found in the audiences of these devices.
    pub pairs_sent: u64,
    /// All counts of these devices.
    pub counts: RunCounts,
}

/// A part of a forecast.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its identity.
    pub label: PartLabel,
    /// Its contents.
    pub contents: Contents,
}

/// Facts that only the driver of a part has.
#[derive(Clone, Debug)]
pub struct PartFacts {
    /// The resolved scenario without the texts of messages.
    pub scenario: String,
    /// The arguments of the command of the whole forecast.
    pub replay: Replay,
    /// The most memory that the process held, in bytes, where that is known.
    pub peak_rss_bytes: Option<u64>,
}

/// Why bytes are not a part that this program can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// No part at all.
    #[error(
        "not a part of a forecast: expected what `reveille forecast SCENARIO --shard 1/3 --report part.rvl` writes"
    )]
    NotAPart,
    /// Of an older or newer format.
    #[error("format {0}, expected {FORMAT}: make it again with this version of reveille")]
    Format(u32),
    /// Of an older or newer program.
    #[error("made by reveille {made}, expected {version}: make all parts with one version", made = shown(.0), version = env!("CARGO_PKG_VERSION"))]
    Version(String),
    /// Of another model.
    #[error("made with model version {0}, expected {MODEL_VERSION}: make all parts with one version")]
    ModelVersion(u32),
    /// Bytes are missing, or were added.
    #[error("{got} bytes long, expected {expected}: it was not written or copied whole; make it or copy it again")]
    Length {
        /// The actual number of bytes.
        got: u64,
        /// The expected number of bytes.
        expected: u64,
    },
    /// Bytes were changed.
    #[error(
        "its checksum is {got:032x}, expected {expected:032x}: it was changed on its way; make it or copy it again"
    )]
    Corrupted {
        /// The checksum of the bytes.
        got: u128,
        /// The checksum in the head.
        expected: u128,
    },
    /// The bytes are unchanged but are no valid contents of a part.
    #[error("its contents do not fit together ({}): make it again with this version of reveille", one_line(.0))]
    Contents(String),
}

impl Part {
    /// The part made from a finished forecast.
    pub fn new(world: &World, shard: Shard, finished: Finished, facts: PartFacts) -> Self {
        let devices = world.fleet.devices();
        let devices_done = finished.devices_done.unwrap_or(0);
        let all = shard.devices(devices).len() as u64;
        Self {
            label: PartLabel {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                model_version: MODEL_VERSION,
                scenario: world.name.clone(),
                scenario_hash: world.scenario_hash.clone(),
                profile: world.profile.name().to_owned(),
                seed: world.chance.seed(),
                devices,
                shard,
                devices_done,
                interrupted: finished.interrupted_at.is_some() || devices_done < all,
            },
            contents: Contents {
                scenario: facts.scenario,
                replay: facts.replay,
                wall_ms: finished.wall_ms,
                peak_rss_bytes: facts.peak_rss_bytes,
                agenda: finished.agenda,
                changes_slowed: finished.totals.changes_slowed,
                pairs_sent: finished.totals.pairs_sent,
                counts: finished.totals.counts,
            },
        }
    }

    /// The part as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; HEAD_BYTES];
        let written = rmp_serde::encode::write_named(&mut bytes, &self.label)
            .and_then(|()| rmp_serde::encode::write(&mut bytes, &self.contents));
        written.expect("memory takes all, and the types have nothing that MessagePack lacks");
        let (length, checksum) = ((bytes.len() - HEAD_BYTES) as u64, checksum(&bytes[HEAD_BYTES..]));
        let head = [MAGIC.as_slice(), &FORMAT.to_le_bytes(), &length.to_le_bytes(), &checksum.to_le_bytes()].concat();
        bytes[..HEAD_BYTES].copy_from_slice(&head);
        bytes
    }

    /// Whether bytes with this beginning can be a part. To be checked before a large file is read whole.
    pub fn begins_with(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }

    /// The part of these bytes.
    ///
    /// # Errors
    /// [`PartError`], the first of its variants that fits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PartError> {
        let body = whole_body(bytes)?;
        let unreadable = |error: rmp_serde::decode::Error| PartError::Contents(error.to_string());
        // Borrowed from the bytes: a string takes as much memory as it has bytes here, not as much as its length
        // claims.
        let mut from = rmp_serde::Deserializer::from_read_ref(body);
        from.set_max_depth(DEPTH_MAX);
        let label = PartLabel::deserialize(&mut from).map_err(unreadable)?;
        if label.model_version != MODEL_VERSION {
            return Err(PartError::ModelVersion(label.model_version));
        }
        if label.version != env!("CARGO_PKG_VERSION") {
            return Err(PartError::Version(label.version));
        }
        let contents = Contents::deserialize(&mut from).map_err(unreadable)?;
        let is_over = serde::de::IgnoredAny::deserialize(&mut from).is_err_and(|error| is_at_end(&error));
        if !is_over {
            return Err(PartError::Contents("more behind them than a part has".to_owned()));
        }
        contents.replay.check().map_err(|error| PartError::Contents(error.to_string()))?;
        if label.devices_done > label.shard.devices(label.devices).len() as u64 {
            return Err(PartError::Contents("more devices done than it has".to_owned()));
        }
        Ok(Self { label, contents })
    }
}

/// Whether the input ended.
fn is_at_end(error: &rmp_serde::decode::Error) -> bool {
    matches!(error, rmp_serde::decode::Error::InvalidMarkerRead(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof)
}

/// The body after the head, if it is complete and unchanged.
fn whole_body(bytes: &[u8]) -> Result<&[u8], PartError> {
    let Some(rest) = bytes.strip_prefix(&MAGIC) else { return Err(PartError::NotAPart) };
    let length_of = |expected: u64| PartError::Length { got: bytes.len() as u64, expected };
    let cut = || length_of(HEAD_BYTES as u64);
    let (format, rest) = rest.split_first_chunk().ok_or_else(cut)?;
    match u32::from_le_bytes(*format) {
        FORMAT => {}
        other => return Err(PartError::Format(other)),
    }
    let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let (expected, body) = rest.split_first_chunk().ok_or_else(cut)?;
    let (length, expected) = (u64::from_le_bytes(*length), u128::from_le_bytes(*expected));
    if length != body.len() as u64 {
        return Err(length_of(length.saturating_add(HEAD_BYTES as u64)));
    }
    match checksum(body) {
        got if got == expected => Ok(body),
        got => Err(PartError::Corrupted { got, expected }),
    }
}

fn checksum(body: &[u8]) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write(body);
    hasher.finish128().as_u128()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;

    fn part() -> Part {
        let hand = usual("");
        let finished = hand.finished();
        let facts = PartFacts {
            scenario: "text".to_owned(),
            replay: Replay::new("again.toml", None, &[]),
            peak_rss_bytes: None,
        };
        Part::new(&hand.world, Shard::WHOLE, finished, facts)
    }

    /// Bytes whose head is valid again after their body was changed.
    fn sealed(body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u64).to_le_bytes();
        [&MAGIC[..], &FORMAT.to_le_bytes(), &length, &checksum(body).to_le_bytes(), body].concat()
    }

    #[test]
    fn a_part_survives_a_round_trip() {
        let sent = part();
        let arrived = Part::from_bytes(&sent.to_bytes()).expect("it is a part");
        assert_eq!(arrived.label, sent.label);
        assert_eq!(arrived.contents.counts, sent.contents.counts);
        assert_eq!(arrived.contents.counts.messages.len(), 2, "it is not empty");
        assert!(arrived.contents.agenda.says_the_same(&sent.contents.agenda));
        assert_eq!(arrived.to_bytes(), sent.to_bytes());
    }

    #[test]
    fn no_byte_can_be_changed_and_none_left_out() {
        let bytes = part().to_bytes();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            Part::from_bytes(&changed).expect_err("a bit was turned");
            let error = Part::from_bytes(&bytes[..at]).expect_err("it was cut short");
            let expected = if at < 8 { PartError::NotAPart } else { error.clone() };
            assert_eq!(error, expected);
            assert!(at < 8 || matches!(error, PartError::Length { got, .. } if got == at as u64), "{at}: {error}");
        }
        let longer = [bytes.as_slice(), b"\n"].concat();
        let expected = bytes.len() as u64;
        assert_eq!(Part::from_bytes(&longer).err(), Some(PartError::Length { got: expected + 1, expected }));
    }

    #[test]
    fn other_formats_and_versions_are_named() {
        let mut bytes = part().to_bytes();
        bytes[8] = 9;
        assert_eq!(Part::from_bytes(&bytes).err(), Some(PartError::Format(9)));
        let mut other = part();
        other.label.version = "0.0.9".to_owned();
        assert_eq!(Part::from_bytes(&other.to_bytes()).err(), Some(PartError::Version("0.0.9".to_owned())));
        other.label.model_version += 1;
        assert_eq!(Part::from_bytes(&other.to_bytes()).err(), Some(PartError::ModelVersion(MODEL_VERSION + 1)));
    }

    #[test]
    fn a_valid_checksum_over_invalid_contents_is_refused() {
        let label = rmp_serde::to_vec_named(&part().label).expect("it serializes");
        for body in [&b""[..], b"nonsense", &[0xc1], &[0xdf, 0xff, 0xff, 0xff, 0xff], &label] {
            let error = Part::from_bytes(&sealed(body)).expect_err("nonsense");
            assert!(matches!(error, PartError::Contents(_)), "{error}");
        }
    }
}
