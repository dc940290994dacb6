//! Eligibility of a device when a journey starts: carried by a gateway, or skipped with a cause (X13). Judged once,
//! from traits and the sender's view.

use roaring::RoaringBitmap;

use crate::rules::base::ids::DeviceIx;
use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::base::profile::Profile;
use crate::rules::population::traits::{App, Enrollment, Traits};
use crate::rules::service::journey::SkipCause;

/// Carried by a gateway, or skipped.
pub type Standing = Result<GatewayName, SkipCause>;

/// The standing of a device for a group message (X13); `enrolled` is the sender's view, `app` what is installed now.
///
/// # Errors
/// The first cause that skips it.
pub fn standing(profile: Profile, traits: &Traits, enrolled: bool, app: App) -> Standing {
    let gateway = target_gateway(profile, traits)?;
    if !enrolled {
        Err(SkipCause::NotEnrolled)
    } else if traits.enrolled_by_another {
        Err(SkipCause::EnrolledByAnother)
    } else if app.counts(profile, traits.platform) {
        Ok(gateway)
    } else {
        Err(SkipCause::AppMissing)
    }
}

/// The standing of an enrolled, supported single target; the enrolling user does not matter (X6).
///
/// # Errors
/// The cause that skips it.
pub fn single_standing(profile: Profile, traits: &Traits, app: App) -> Standing {
    let gateway = target_gateway(profile, traits)?;
    if app.counts(profile, traits.platform) { Ok(gateway) } else { Err(SkipCause::AppMissing) }
}

/// R27, R28: the gateway of a device that can get messages at all.
///
/// # Errors
/// [`SkipCause::UnsupportedPlatform`] or [`SkipCause::UnsupportedEnrolment`].
pub fn target_gateway(profile: Profile, traits: &Traits) -> Standing {
    let gateway = traits.platform.gateway().ok_or(SkipCause::UnsupportedPlatform)?;
    let supported = match profile {
        Profile::Intune2019 => true,
        Profile::Intune2025 => {
            traits.platform != Platform::Android || traits.enrollment == Enrollment::PersonalWorkProfile
        }
    };
    if supported { Ok(gateway) } else { Err(SkipCause::UnsupportedEnrolment) }
}

/// The whole fleet by standing: seven disjoint sets that together are the fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standings {
    /// Carried, by gateway in the order of [`GatewayName`].
    pub carried: [RoaringBitmap; 2],
    /// Skipped, by cause in the order of [`SkipCause`].
    pub skipped: [RoaringBitmap; 5],
}

impl Standings {
    /// Adds the standings of other devices.
    pub(super) fn add(&mut self, others: Self) {
        let all = self.carried.iter_mut().chain(&mut self.skipped);
        all.zip(others.carried.into_iter().chain(others.skipped)).for_each(|(all, part)| *all |= part);
    }

    /// Adds a device that is in none of the sets.
    pub fn push(&mut self, device: DeviceIx, standing: Standing) {
        self.set_of(standing).insert(device.0);
    }

    /// Moves a device to another standing.
    pub fn change(&mut self, device: DeviceIx, standing: Standing) {
        for set in self.carried.iter_mut().chain(&mut self.skipped) {
            set.remove(device.0);
        }
        self.set_of(standing).insert(device.0);
    }

    /// These standings, restricted to `audience`.
    #[must_use]
    pub fn within(&self, audience: &RoaringBitmap) -> Self {
        Self {
            carried: self.carried.each_ref().map(|set| set & audience),
            skipped: self.skipped.each_ref().map(|set| set & audience),
        }
    }

    fn set_of(&mut self, standing: Standing) -> &mut RoaringBitmap {
        match standing {
            Ok(gateway) => &mut self.carried[gateway as usize],
            Err(cause) => &mut self.skipped[cause as usize],
        }
    }
}
