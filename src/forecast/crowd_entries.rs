//! The entries of the devices of a chunk in every crowd: sets of devices transposed, so that the row of one device is
//! contiguous in memory. Must not hold more than a chunk.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;
use strum::VariantArray as _;

use crate::rules::base::platform::GatewayName;
use crate::rules::sending::crowd::Crowd;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::SkipCause;

/// One device in one crowd, in four bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CrowdEntry {
    /// Rank among the carried devices of its gateway in this chunk.
    rank: u16,
    /// 0 for absent, then gateways, then skip causes.
    standing: u8,
    /// Class in bits 0–1, reopened in bit 2, class before in bits 3–4.
    class: u8,
}

/// A decoded [`CrowdEntry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CrowdPlace {
    Absent,
    Carried { gateway: GatewayName, rank: u16 },
    Skipped(SkipCause),
}

const GATEWAYS: u8 = GatewayName::VARIANTS.len() as u8;
const REOPENED: u8 = 1 << 2;
const BEFORE_SHIFT: u8 = 3;

impl CrowdEntry {
    pub(super) fn place(self) -> CrowdPlace {
        match self.standing.checked_sub(1) {
            None => CrowdPlace::Absent,
            Some(gateway) if gateway < GATEWAYS => {
                CrowdPlace::Carried { gateway: GatewayName::VARIANTS[usize::from(gateway)], rank: self.rank }
            }
            Some(cause) => CrowdPlace::Skipped(SkipCause::VARIANTS[usize::from(cause - GATEWAYS)]),
        }
    }

    /// Whether a gateway carries the message.
    pub(super) fn is_carried(self) -> bool {
        (1..=GATEWAYS).contains(&self.standing)
    }

    /// Why the pair belongs to the message.
    pub(super) fn class(self) -> AudienceClass {
        AudienceClass::VARIANTS[usize::from(self.class & 3)]
    }

    /// The class before, if the pair was skipped then and sets out now (X12).
    pub(super) fn class_before(self) -> Option<AudienceClass> {
        (self.class & REOPENED != 0).then(|| AudienceClass::VARIANTS[usize::from(self.class >> BEFORE_SHIFT & 3)])
    }
}

/// The entries of a chunk: one row a device.
#[derive(Debug, Default)]
pub(super) struct Seats {
    crowds: usize,
    rows: Vec<CrowdEntry>,
    /// For each crowd, the rank of the chunk's first device at each gateway.
    pub(super) first_ranks: Vec<[u64; 2]>,
}

impl Seats {
    /// Fills the entries of a chunk of devices; adds its pairs, reopened ones not counted again, for each crowd to
    /// `pairs`.
    pub(super) fn fill(&mut self, crowds: &[Arc<Crowd>], chunk: &Range<u32>, pairs: &mut Vec<u64>) {
        self.crowds = crowds.len();
        self.rows.clear();
        self.rows.resize(chunk.len() * crowds.len(), CrowdEntry::default());
        self.first_ranks.clear();
        pairs.clear();
        for (at, crowd) in crowds.iter().enumerate() {
            let ranks = crowd.standings.carried.each_ref().map(|carried| rank_of(carried, chunk.start));
            self.first_ranks.push(ranks);
            pairs.push(self.entry(at, crowd, chunk));
        }
    }

    /// The row of a device, one entry a crowd; `nth` counts from the chunk's first device.
    pub(super) fn row(&self, nth: usize) -> &[CrowdEntry] {
        &self.rows[nth * self.crowds..][..self.crowds]
    }

    fn entry(&mut self, at: usize, crowd: &Crowd, chunk: &Range<u32>) -> u64 {
        let (crowds, rows) = (self.crowds, &mut self.rows);
        let mut each = |set: &RoaringBitmap, change: &mut dyn FnMut(&mut CrowdEntry)| {
            if !set.is_empty() {
                for device in set.range(chunk.clone()) {
                    change(&mut rows[(device - chunk.start) as usize * crowds + at]);
                }
            }
        };
        let class = if crowd.late { AudienceClass::LateJoiner } else { AudienceClass::Member } as u8;
        let mut pairs = 0;
        for (gateway, carried) in crowd.standings.carried.iter().enumerate() {
            let mut rank = 0;
            each(carried, &mut |entry| {
                *entry = CrowdEntry { rank, standing: 1 + gateway as u8, class };
                rank = rank.wrapping_add(1);
                pairs += 1;
            });
        }
        for (cause, skipped) in crowd.standings.skipped.iter().enumerate() {
            each(skipped, &mut |entry| {
                *entry = CrowdEntry { rank: 0, standing: 1 + GATEWAYS + cause as u8, class };
                pairs += 1;
            });
        }
        if !crowd.late {
            each(&crowd.stale_devices, &mut |entry| entry.class = AudienceClass::StaleDevice as u8);
            each(&crowd.stale_members, &mut |entry| entry.class = AudienceClass::StaleMember as u8);
        }
        let before = |class: AudienceClass| REOPENED | (class as u8) << BEFORE_SHIFT;
        each(&crowd.reopened, &mut |entry| {
            entry.class |= before(AudienceClass::Member);
            pairs -= 1;
        });
        let put = |class: AudienceClass| {
            move |entry: &mut CrowdEntry| {
                if entry.class & REOPENED != 0 {
                    entry.class = entry.class & 3 | before(class);
                }
            }
        };
        each(&crowd.stale_members, &mut put(AudienceClass::StaleMember));
        each(&crowd.late_before, &mut put(AudienceClass::LateJoiner));
        pairs
    }
}

/// How many devices of a set are before `device`.
fn rank_of(set: &RoaringBitmap, device: u32) -> u64 {
    device.checked_sub(1).map_or(0, |last| set.rank(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::ids::DeviceIx;

    #[test]
    fn entries_agree_with_their_crowds() {
        let set = |devices: &[u32]| devices.iter().copied().collect::<RoaringBitmap>();
        let mut crowd = Crowd { stale_members: set(&[3, 11]), stale_devices: set(&[3, 12]), ..Crowd::default() };
        crowd.standings.carried = [set(&[1, 3, 10, 12]), set(&[2, 11])];
        crowd.standings.skipped[SkipCause::NotEnrolled as usize] = set(&[4, 13]);
        let late = Crowd {
            late: true,
            stale_members: set(&[11]),
            reopened: set(&[11, 12]),
            late_before: set(&[12]),
            ..crowd.clone()
        };
        let (mut entries, mut pairs) = (Seats::default(), Vec::new());
        let crowds = [Arc::new(crowd), Arc::new(late)];
        entries.fill(&crowds, &(10..14), &mut pairs);
        assert_eq!(
            (pairs.as_slice(), entries.first_ranks.as_slice()),
            ([4, 2].as_slice(), [[2, 1], [2, 1]].as_slice())
        );
        for nth in 0..4 {
            for (entry, crowd) in entries.row(nth).iter().zip(&crowds) {
                let device = DeviceIx(10 + nth as u32);
                assert_eq!(entry.class(), crowd.class(device));
                let before = crowd.reopened.contains(device.0).then(|| crowd.class_before(device));
                assert_eq!(entry.class_before(), before);
            }
        }
        assert_eq!(entries.row(0)[0].place(), CrowdPlace::Carried { gateway: GatewayName::Apns, rank: 0 });
        assert_eq!(entries.row(2)[0].place(), CrowdPlace::Carried { gateway: GatewayName::Apns, rank: 1 });
        assert_eq!(entries.row(3)[1].place(), CrowdPlace::Skipped(SkipCause::NotEnrolled));
    }
}
