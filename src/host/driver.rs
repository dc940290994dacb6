//! The event loop of a hosted tenant: stamps postings with the present model time, runs the scenario's plan when it is
//! due, and moves the watermark with the clock. Must not judge a posting.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::command::{CommandReply, HostCommand};
use super::error::HostError;
use super::events::Event;
use super::host_options::HostOptions;
use super::host_state::HostState;
use super::hosted_tenant::PostingVerdict;
use super::message_log::MessageLog;
use super::request_id::RequestId;
use super::store_feed::{Kept, StoreFeed};
use super::text_upkeep::keep;
use super::text_vault::PostedText;
use crate::clock::{Clock, Tick};
use crate::engine::sabotage::Sabotage;
use crate::engine::{Engine, EngineError, EngineOptions, EngineProgress, Tenancy};
use crate::rules::base::ids::{AccountIx, DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::{Fault, FaultSet};
use crate::rules::model::world::World;
use crate::rules::service::message::Refusal;
use crate::rules::timeline::agenda::Agenda;
use crate::rules::timeline::posting::{Posting, Recipients};

/// Postings that are passed to the tenant at once.
const POSTINGS_A_BATCH: usize = 1_024;
/// Ticks of the watermark between two updates of the observers: four updates a second.
const TICKS_A_LOOK: u32 = 25;

/// Postings of one request, with the caller's id.
struct Request {
    postings: Vec<Posting>,
    texts: Vec<PostedText>,
    id: RequestId,
    reply: CommandReply<Vec<PostingVerdict>>,
}

/// What of a posting is recorded, with the caller's id of its request.
type PostedEntry = (AccountIx, Recipients, RequestId, PostedText);

/// The event loop of a hosted tenant.
pub(crate) struct TenantLoop {
    /// The scenario's world.
    pub(crate) scenario: Arc<World>,
    /// The same with the faults that were switched by hand.
    pub(crate) world: Arc<World>,
    pub(crate) clock: Clock,
    pub(crate) options: EngineOptions,
    pub(crate) engine: Engine,
    pub(crate) tenancy: Tenancy,
    pub(crate) agenda: Agenda,
    pub(crate) shared: Arc<HostState>,
    /// The speed at the start, in thousandths, to which a reset comes back.
    pub(crate) times: u64,
    /// The faults in force at the last update.
    pub(crate) standing: FaultSet,
    /// What the store has, if there is one.
    pub(super) store_feed: Option<StoreFeed>,
    /// What is to be done again before the first command.
    pub(super) kept: Option<Kept>,
    /// Of tests; none otherwise.
    pub(crate) sabotage: Option<Sabotage>,
}

impl TenantLoop {
    /// Opens the tenant; `shared` makes the state that callers share.
    pub(crate) async fn open(
        world: Arc<World>,
        clock: Clock,
        options: HostOptions,
        sabotage: Option<Sabotage>,
        shared: impl FnOnce(Tenancy) -> Arc<HostState>,
    ) -> Result<(Self, Arc<HostState>), EngineError> {
        let HostOptions { shards, resident_actors_max, keep_fates, meters, inputs_in_memory: _ } = options;
        let options = EngineOptions {
            clock: clock.clone(),
            shards,
            resident_actors_max,
            keep_fates,
            watched: true,
            outlet: None,
            replayed_until: SimTime::ZERO,
            meters,
            progress: Arc::new(EngineProgress::default()),
            // A server that stops does not cancel the opening of a tenant.
            stop: CancellationToken::new(),
        };
        let engine = Engine::default();
        let tenancy = engine.open_sabotaged(&world.name, world.clone(), options.clone(), sabotage.clone()).await?;
        let shared = shared(tenancy.clone());
        let (agenda, standing) = (Agenda::new(&world), FaultSet::default());
        let scenario = world.clone();
        let driver = Self {
            scenario,
            world,
            times: clock.times(),
            clock,
            options,
            engine,
            tenancy,
            agenda,
            shared: shared.clone(),
            standing,
            store_feed: None,
            kept: None,
            sabotage,
        };
        Ok((driver, shared))
    }

    /// Runs until no caller is left. If the engine cannot go on, or a reset finds it stuck, callers get the error until a reset
    /// opens the tenant again.
    pub(crate) async fn drive(mut self, mut waiting: mpsc::Receiver<HostCommand>) {
        let mut goes_on = self.recovered().await;
        while goes_on {
            let shared = self.shared.clone();
            // A reset that waited for another one has asked for this in vain.
            let _ = shared.failure.abandoned().now_or_never();
            let work = AssertUnwindSafe(self.go(&mut waiting)).catch_unwind();
            let ended = tokio::select! {
                ended = work => ended.unwrap_or(Err(EngineError::Panicked)),
                () = shared.failure.abandoned() => Err(EngineError::Abandoned),
            };
            let Err(error) = ended else { break };
            self.fail(error).await;
            goes_on = self.answer_until_reset(&mut waiting).await;
        }
        self.engine.close(&self.world.name);
    }

    async fn go(&mut self, waiting: &mut mpsc::Receiver<HostCommand>) -> Result<(), EngineError> {
        let (mut tick, mut ticks) = (Tick::start(), 0);
        loop {
            tokio::select! {
                biased;
                () = tick.next() => {
                    self.keep_up().await?;
                    ticks += 1;
                    if ticks % TICKS_A_LOOK == 0 {
                        self.tenancy.observe()?;
                        self.note_news().await?;
                        self.store_clock();
                    }
                }
                command = waiting.recv() => {
                    let Some(command) = command else { return Ok(()) };
                    self.grant(command, waiting).await?;
                }
            }
        }
    }

    /// Executes a command, and with a posting the postings that wait directly behind it.
    async fn grant(
        &mut self,
        command: HostCommand,
        waiting: &mut mpsc::Receiver<HostCommand>,
    ) -> Result<(), EngineError> {
        let mut next = Some(command);
        while let Some(command) = next.take() {
            match command {
                HostCommand::Post { postings, texts, request, reply } => {
                    let mut count = postings.len();
                    let mut requests = vec![Request { postings, texts, id: request, reply }];
                    while count < POSTINGS_A_BATCH {
                        match waiting.try_recv() {
                            Ok(HostCommand::Post { postings, texts, request, reply }) => {
                                count += postings.len();
                                requests.push(Request { postings, texts, id: request, reply });
                            }
                            Ok(other) => {
                                next = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    self.post(requests).await?;
                }
                HostCommand::Dismiss { device, message, reply } => {
                    let done = self.dismiss(device, message).await?;
                    self.answer(reply, Ok(done));
                }
                HostCommand::Advance { jump, reply } => {
                    let jumped = self.advance(jump).await?;
                    self.answer_with_clock(reply, jumped);
                }
                HostCommand::StoreClock { reply } => self.answer_with_clock(reply, Ok(())),
                // Their callers went before they began: a repeated history is much work, and a begun one is not left half done.
                HostCommand::BeginAgain { reply, .. } if reply.is_closed() => {}
                HostCommand::Switch { reply, .. } if reply.is_closed() => {}
                HostCommand::SetPhone { reply, .. } if reply.is_closed() => {}
                HostCommand::BeginAgain { restart, taken, reply } => {
                    // The caller may have gone.
                    let _ = taken.send(());
                    self.begin_again(restart).await?;
                    self.answer(reply, Ok(()));
                }
                HostCommand::Switch { switch, reply } => {
                    let switched = self.switch(switch).await?;
                    self.answer(reply, Ok(switched));
                }
                HostCommand::SetPhone { device, patch, reply } => {
                    let set = self.set_phone(device, patch).await?;
                    self.answer(reply, Ok(set));
                }
            }
        }
        Ok(())
    }

    /// Runs the scenario's plan up to now and closes the past; returns now.
    pub(super) async fn keep_up(&mut self) -> Result<SimTime, EngineError> {
        let now = self.clock.now().min(self.world.horizon);
        self.plan_up_to(now).await?;
        self.tenancy.quiet_until(now)?;
        Ok(now)
    }

    pub(crate) async fn plan_up_to(&mut self, now: SimTime) -> Result<(), EngineError> {
        while let Some(at) = self.agenda.next_time().filter(|at| *at <= now) {
            self.tenancy.quiet_until(at)?;
            let due = self.agenda.take(&self.world, at);
            self.tenancy.ask(at, due, None).await?;
        }
        Ok(())
    }

    async fn post(&mut self, requests: Vec<Request>) -> Result<(), EngineError> {
        let at = self.keep_up().await?;
        let over = (at >= self.world.horizon).then_some(HostError::Over);
        if let Some(error) = over.or_else(|| self.store_refusal()) {
            for request in requests {
                let _ = request.reply.send(Err(error.clone()));
            }
            return Ok(());
        }
        let mut replies = Vec::with_capacity(requests.len());
        let (mut postings, mut entries) = (Vec::new(), Vec::new());
        for Request { postings: requested, texts, id: request, reply } in requests {
            replies.push((requested.len(), reply));
            let entry = |(posting, text): (&Posting, PostedText)| {
                (posting.account, posting.recipients.clone(), request.clone(), text)
            };
            entries.extend(requested.iter().zip(texts).map(entry));
            postings.extend(requested);
        }
        match self.tenancy.post(at, postings).await {
            Ok(answers) => {
                self.note_answers(at, entries, &answers);
                self.come_to_rest().await?;
                let mut answers = answers.into_iter().map(move |outcome| PostingVerdict { at, outcome });
                self.when_stored(move |stored| {
                    for (count, reply) in replies {
                        let verdicts = answers.by_ref().take(count).collect();
                        let _ = reply.send(stored.clone().map(|()| verdicts));
                    }
                });
                Ok(())
            }
            Err(error) => {
                for (_, reply) in replies {
                    let _ = reply.send(Err(error.clone().into()));
                }
                Err(error)
            }
        }
    }

    /// Records the answers to postings and reports them as events.
    fn note_answers(&self, at: SimTime, entries: Vec<PostedEntry>, answers: &[Result<MessageIx, Refusal>]) {
        let (mut log, mut vault) = (self.shared.log(), self.shared.texts());
        let events = entries.into_iter().zip(answers).map(|((account, recipients, request, text), outcome)| {
            if let Ok(message) = *outcome {
                keep(&mut vault, &self.world, at, &recipients, message, text);
            }
            note(&mut log, &self.world, at, (account, recipients), &request, *outcome);
            match *outcome {
                Ok(message) => Event::Accepted { message, request },
                Err(refusal) => Event::Refused { reason: refusal.reason, request },
            }
        });
        self.shared.events.note_all(at, events);
        drop((log, vault));
        self.count_texts();
    }

    async fn dismiss(&mut self, device: DeviceIx, message: MessageIx) -> Result<Option<SimTime>, EngineError> {
        let at = self.keep_up().await?;
        self.tenancy.caught_up().await?;
        let phone = self.tenancy.phone(device).await?;
        if !phone.notifications.iter().any(|shown| shown.message == message) {
            return Ok(None);
        }
        self.tenancy.dismiss(device, message, at)?;
        self.shared.log().dismissed(at, device, message);
        self.tenancy.caught_up().await?;
        self.come_to_rest().await?;
        Ok(Some(at))
    }

    /// Records the events since the last call.
    pub(super) async fn note_news(&mut self) -> Result<(), EngineError> {
        let now = self.clock.now().min(self.world.horizon);
        let news = self.tenancy.news().await?;
        self.erase_texts(&news, now).await?;
        let events = &self.shared.events;
        for (message, device, at) in news.dismissed {
            events.note(at, Event::Dismissed { message, device });
        }
        if news.missed > 0 {
            events.note(now, Event::DismissedMore { notifications: news.missed });
        }
        // The only pair of a message to one device no longer waits; a message to groups may have a waiting pair in
        // another shard.
        let (mut settled, to_many): (Vec<MessageIx>, Vec<MessageIx>) = {
            let log = self.shared.log();
            news.stirred.into_iter().partition(|message| log.is_to_one_device(*message))
        };
        let looks = self.tenancy.messages(to_many.clone()).await?;
        let done = to_many.into_iter().zip(looks).filter(|(_, look)| look.is_settled());
        settled.extend(done.map(|(message, _)| message));
        settled.sort_unstable();
        events.note_all(now, settled.into_iter().map(|message| Event::Settled { message }));
        let (standing, _) = Fault::standing(&self.world.faults, now);
        for (changed, active) in [(standing.minus(self.standing), true), (self.standing.minus(standing), false)] {
            for fault in changed.iter() {
                let fault = Arc::from(self.world.faults[fault.at()].name.as_str());
                events.note(now, Event::Fault { fault, active });
            }
        }
        self.standing = standing;
        Ok(())
    }
}

/// Records the outcome of a posting, if it can matter later.
fn note(
    log: &mut MessageLog,
    world: &World,
    at: SimTime,
    (account, recipients): (AccountIx, Recipients),
    request: &RequestId,
    outcome: Result<MessageIx, Refusal>,
) {
    match outcome {
        Ok(_) => log.accepted(at, account, recipients, request.clone()),
        Err(refusal) if world.service.takes_slots(Some(refusal.reason)) => log.refused(at, account, recipients),
        Err(_) => {}
    }
}
