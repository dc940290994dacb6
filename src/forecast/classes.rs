//! The pairs of a message by the reason for which they belong to it, from the crowds of a plan. Must not run a life.

use strum::VariantArray as _;

use super::plan::{SingleInputKind, TenantPlan};
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::delivery::device::DeviceInput;
use crate::rules::service::audience::AudienceClass;

impl TenantPlan {
    /// The pairs of a message by [`AudienceClass`], in its order: a pair that sets out after all counts by its last reason.
    pub fn classes_of(&self, message: MessageIx) -> [u64; AudienceClass::VARIANTS.len()] {
        let mut counts = [0_u64; AudienceClass::VARIANTS.len()];
        for wave in self.waves.iter().filter(|wave| wave.message.ix == message) {
            let crowd = &self.crowds[wave.crowd];
            for device in crowd.standings.carried.iter().chain(&crowd.standings.skipped).flatten().map(DeviceIx) {
                counts[crowd.class(device) as usize] += 1;
            }
            for device in crowd.reopened.iter().map(DeviceIx) {
                counts[crowd.class_before(device) as usize] -= 1;
            }
        }
        for alone in self.alone.values().flatten() {
            match alone.what {
                SingleInputKind::Skip(of, class, _) if of == message => counts[class as usize] += 1,
                SingleInputKind::Input(DeviceInput::Start { message: of, class, .. }) if of.ix == message => {
                    counts[class as usize] += 1;
                }
                SingleInputKind::Skip(..) | SingleInputKind::Input(_) => {}
            }
        }
        counts
    }
}
