//! Revisions of a hosted tenant: it is reopened, under a world with other faults or phones or from its start, and the
//! inputs of its history are repeated. Past counts stay the same; what still waits may end differently. Must not decide anything.

use std::sync::Arc;
use std::time::Duration;

use super::driver::TenantLoop;
use super::error::HostError;
use super::events::Event;
use super::host_state::Revision;
use super::past::Past;
use super::request_id::RequestId;
use super::restart::{Again, KeptPart, Restart};
use super::store_feed::StoreFeed;
use crate::engine::EngineError;
use crate::rules::base::ids::{DeviceIx, FaultIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::{FaultKind, FaultSet};
use crate::rules::model::phone_by_hand::{PhoneMisfit, PhonePatch};
use crate::rules::timeline::agenda::Agenda;
use crate::rules::timeline::history::{RecordedInput, TimedInput};
use crate::rules::timeline::posting::Posting;
use crate::rules::timeline::revision::{self, Unswitched};
use crate::scenario::{Diagnostics, fault_by_hand};

/// How long the actors of a tenant may take to end before another one is opened in its place. Each message of theirs is done in less.
const CLOSE_WAIT_MAX: Duration = Duration::from_secs(5);

/// A switch of a fault.
#[derive(Debug)]
pub(super) enum Switch {
    /// Start this one: a `[[fault]]` as JSON.
    Start(Arc<str>),
    /// Stop the one of this name.
    Stop(String),
}

/// Why a fault cannot be switched or a phone cannot be set.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SwitchError {
    /// The host gives no answer.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The fault cannot be read.
    #[error("{0}")]
    Unreadable(Diagnostics),
    /// The history is not whole, or is full, so that the inputs cannot be repeated.
    #[error("the history has no room")]
    NoHistory,
    /// The rules forbid it.
    #[error("the fault cannot be switched")]
    Unswitched(Unswitched),
    /// It does not fit the phone.
    #[error(transparent)]
    Phone(#[from] PhoneMisfit),
}

impl From<Unswitched> for SwitchError {
    fn from(why: Unswitched) -> Self {
        Self::Unswitched(why)
    }
}

impl TenantLoop {
    /// Switches a fault from the next millisecond on (X1), in which no input has been taken yet; the clock advances
    /// there if needed.
    pub(crate) async fn switch(&mut self, switch: Switch) -> Result<Result<FaultIx, SwitchError>, EngineError> {
        let at = self.keep_up().await? + 1;
        let (fault, operation) = match self.wanted(switch, at) {
            Ok(wanted) => wanted,
            Err(why) => return Ok(Err(why)),
        };
        self.revise(at, operation).await?;
        Ok(Ok(fault))
    }

    /// Sets a phone from the next millisecond on, as [`TenantLoop::switch`] switches a fault; returns that moment.
    pub(crate) async fn set_phone(
        &mut self,
        device: DeviceIx,
        patch: PhonePatch,
    ) -> Result<Result<SimTime, SwitchError>, EngineError> {
        let at = self.keep_up().await? + 1;
        let fits = self.has_room_at(at).and_then(|()| {
            let platform = self.world.fleet.traits(device).platform;
            Ok(patch.fits(platform, self.world.profile)?)
        });
        if let Err(why) = fits {
            return Ok(Err(why));
        }
        self.revise(at, RecordedInput::PhoneSet { device, patch }).await?;
        self.shared.events.note(at, Event::PhoneSet { device });
        Ok(Ok(at))
    }

    /// Opens the tenant again under the world after one more input, at `at`, which no input has been taken at yet.
    async fn revise(&mut self, at: SimTime, operation: RecordedInput) -> Result<(), EngineError> {
        if self.clock.now() < at {
            self.clock.set(at);
        }
        // Everything before the switch happens, and is reported, in the old revision.
        self.go_to(at).await?;
        self.note_news().await?;
        self.shared.log().done(TimedInput { at, operation }, RequestId::default());
        let store = self.store_feed.as_ref().map(StoreFeed::store);
        let mut past = Past::of(&self.shared, store, &self.scenario, at);
        self.world = Arc::new(past.world());
        let shared = self.shared.clone();
        let mut seat = shared.revision.write().await;
        let mut struck = seat.totals().await?.touched;
        struck.resize(self.world.faults.len(), 0);
        for (fault, struck) in self.world.faults.iter().zip(&mut struck) {
            if !matches!(fault.kind, FaultKind::Strike(_)) {
                *struck = 0;
            }
        }
        self.close().await;
        if let Some(meters) = &self.options.meters {
            meters.begin_replay();
        }
        self.open_again(at).await?;
        loop {
            let piece = past.next_piece().map_err(|error| EngineError::NotStarted { cause: error.to_string() })?;
            if piece.is_empty() {
                break;
            }
            let (inputs, _) = Again::apart(piece);
            let done = self.again(&inputs).await?;
            assert!(done.iter().all(|done| *done), "what was answered under the same faults is answered so again");
            // Nothing that happens again is news.
            self.tenancy.news().await?;
        }
        self.go_to(at).await?;
        // The caller already knows the result of its own request; it is not reported as an event.
        self.tenancy.news().await?;
        if let Some(meters) = &self.options.meters {
            meters.end_replay();
        }
        *seat = Revision { tenancy: self.tenancy.clone(), world: self.world.clone(), struck_before: struck };
        drop(seat);
        self.keep_up().await?;
        self.tenancy.caught_up().await?;
        self.note_news().await
    }

    /// The fault that is meant, and the input that switches it; changes nothing yet.
    fn wanted(&self, switch: Switch, at: SimTime) -> Result<(FaultIx, RecordedInput), SwitchError> {
        self.has_room_at(at)?;
        match switch {
            Switch::Start(table) => {
                let fault = fault_by_hand(&table, &self.world, at).map_err(SwitchError::Unreadable)?;
                revision::may_start(&self.world.faults)?;
                let place = FaultIx(u32::try_from(self.world.faults.len()).expect("faults are limited"));
                Ok((place, RecordedInput::FaultStarted { fault: Arc::new(fault), table }))
            }
            Switch::Stop(name) => {
                let fault = self.world.find_fault(&name, at).ok_or(Unswitched::Unknown)?;
                revision::may_stop(&self.world.faults, fault, at)?;
                Ok((fault, RecordedInput::FaultStopped { fault }))
            }
        }
    }

    /// Whether the world can be revised at `at`.
    fn has_room_at(&self, at: SimTime) -> Result<(), SwitchError> {
        if at >= self.world.horizon {
            return Err(HostError::Over.into());
        }
        let log = self.shared.log();
        // What memory drops can be read again from a store.
        let is_whole = self.store_feed.is_some() || (log.history().is_whole() && log.history().has_room());
        if is_whole { Ok(()) } else { Err(SwitchError::NoHistory) }
    }

    /// Opens another tenant in place of the old one, with the clock at `now` from the beginning: everything is due at
    /// once.
    pub(crate) async fn begin_again(&mut self, restart: Restart) -> Result<(), EngineError> {
        let Restart { inputs, now, kept } = restart;
        let (inputs, requests) = Again::apart(inputs);
        let shared = self.shared.clone();
        let mut seat = shared.revision.write().await;
        self.close().await;
        if let Some(meters) = &self.options.meters {
            meters.begin_again();
        }
        // Before the clock: some queries read the history without waiting, and it must not reach beyond the present.
        shared.begin_again();
        if !kept.contains(&KeptPart::Speed) {
            self.clock.set_times(self.times);
        }
        self.clock.set(now);
        self.world = Arc::new(self.scenario.revision(&inputs));
        self.open_again(now).await?;
        self.standing = FaultSet::default();
        let struck_before = vec![0; self.world.faults.len()];
        *seat = Revision { tenancy: self.tenancy.clone(), world: self.world.clone(), struck_before };
        if kept.contains(&KeptPart::Events) {
            shared.events.note(now, Event::Reset);
        } else {
            shared.events.begin_again(now);
        }
        self.repeat(&inputs, requests).await?;
        self.keep_up().await?;
        self.tenancy.caught_up().await?;
        self.tenancy.news().await?;
        self.come_to_rest().await
    }

    /// Repeats the inputs of a history and records them; returns the places of those that could not be done.
    pub(super) async fn repeat(
        &mut self,
        inputs: &[TimedInput],
        requests: Vec<RequestId>,
    ) -> Result<Vec<usize>, EngineError> {
        let done = self.again(inputs).await?;
        let mut undone = Vec::new();
        let mut log = self.shared.log();
        for (place, ((input, request), done)) in inputs.iter().zip(requests).zip(done).enumerate() {
            if done {
                log.done(input.clone(), request);
            } else {
                undone.push(place);
            }
        }
        Ok(undone)
    }

    /// Announces that no further input comes.
    pub(super) async fn close(&self) {
        self.engine.close_and_wait(&self.world.name, CLOSE_WAIT_MAX).await;
    }

    /// Opens the tenant of the present world at its start; everything before `at` is to be repeated.
    pub(super) async fn open_again(&mut self, at: SimTime) -> Result<(), EngineError> {
        self.options.replayed_until = at;
        let Self { world, options, sabotage, .. } = &*self;
        let tenancy = self.engine.open_sabotaged(&world.name, world.clone(), options.clone(), sabotage.clone()).await?;
        self.tenancy = tenancy;
        self.agenda = Agenda::new(&self.world);
        Ok(())
    }

    /// Runs everything before `at`.
    pub(super) async fn go_to(&mut self, at: SimTime) -> Result<(), EngineError> {
        self.plan_up_to(at.just_before()).await?;
        self.tenancy.quiet_until(at)?;
        self.tenancy.caught_up().await
    }

    /// Repeats inputs, each at its time; returns which of them could be done.
    async fn again(&mut self, inputs: &[TimedInput]) -> Result<Vec<bool>, EngineError> {
        let (mut done, mut rest) = (Vec::with_capacity(inputs.len()), inputs);
        while let Some(TimedInput { at, operation }) = rest.first() {
            self.plan_up_to(*at).await?;
            self.tenancy.quiet_until(*at)?;
            let run = self.run_of_postings(rest);
            if run > 0 {
                let (run, others) = rest.split_at(run);
                let postings = run.iter().filter_map(|input| Some((input.at, posting(input)?))).collect();
                let verdicts = self.tenancy.post_again(postings).await?;
                let is_same = |(input, verdict): (&TimedInput, &Result<_, _>)| {
                    verdict.is_ok() == matches!(input.operation, RecordedInput::Accepted { .. })
                };
                done.extend(run.iter().zip(&verdicts).map(is_same));
                rest = others;
                continue;
            }
            // The world has everything else from the beginning.
            if let RecordedInput::Dismissed { device, message } = operation {
                self.tenancy.dismiss(*device, *message, *at)?;
            }
            done.push(true);
            rest = &rest[1..];
        }
        Ok(done)
    }

    /// How many of these inputs are postings that the tenant may repeat together: nothing is planned between them.
    fn run_of_postings(&self, inputs: &[TimedInput]) -> usize {
        let first = inputs.first().map_or(SimTime::ZERO, |first| first.at);
        let planned = self.agenda.next_time().unwrap_or(SimTime::NEVER);
        let goes_on = |at| at == first || (self.world.service.reserves_ahead() && at < planned);
        inputs.iter().take_while(|input| posting(input).is_some() && goes_on(input.at)).count()
    }
}

fn posting(input: &TimedInput) -> Option<Posting> {
    match &input.operation {
        RecordedInput::Accepted { account, recipients } | RecordedInput::Refused { account, recipients } => {
            Some(Posting::accepted(*account, recipients.clone()))
        }
        RecordedInput::Dismissed { .. }
        | RecordedInput::FaultStarted { .. }
        | RecordedInput::FaultStopped { .. }
        | RecordedInput::PhoneSet { .. } => None,
    }
}
