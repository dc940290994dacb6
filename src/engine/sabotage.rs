//! A hook for tests of supervision: it kills an actor in a chosen turn. Hidden from the documentation, and reached only through
//! `run::live_sabotaged`; no option or command must lead here.

use std::fmt;
use std::sync::Arc;

use crate::metrics::ActorKind;
use crate::rules::base::ids::DeviceIx;

/// Called before and after each turn of an actor; `true` kills the actor.
#[derive(Clone)]
pub struct Sabotage(pub Arc<dyn Fn(DeviceIx, ActorKind, TurnMoment) -> bool + Send + Sync>);

/// A moment in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnMoment {
    /// Before any work.
    BeforeTurn,
    /// After all work, before the result is sent.
    AfterTurn,
}

impl Sabotage {
    /// Panics if the hook says so.
    ///
    /// # Panics
    /// That is its purpose.
    pub(crate) fn crash_if_wanted(sabotage: Option<&Self>, device: DeviceIx, kind: ActorKind, moment: TurnMoment) {
        if let Some(Self(is_wanted)) = sabotage {
            assert!(
                !is_wanted(device, kind, moment),
                "sabotage: the {} actor of device {} dies",
                kind.name(),
                device.0
            );
        }
    }
}

impl fmt::Debug for Sabotage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sabotage")
    }
}
