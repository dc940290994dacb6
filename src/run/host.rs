//! Drives the actor engine for a face: postings are stamped with the present model time, what the scenario plans happens when
//! it is due, and the watermark follows the wall clock. Judges nothing.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::clock::{Clock, Tick};
use crate::engine::{Engine, EngineError, Options, Progress, Tenancy};
use crate::metrics::Meters;
use crate::rules::agenda::Agenda;
use crate::rules::ids::MessageIx;
use crate::rules::message::Refusal;
use crate::rules::posting::Posting;
use crate::rules::tenant::Tenant;
use crate::rules::time::SimTime;
use crate::rules::world::World;

/// Requests that wait to be stamped; past that callers wait in their own line.
const WAITING_MAX: usize = 4_096;
/// Postings that are asked of the tenant at once.
const POSTINGS_A_BATCH: usize = 1_024;
/// Ticks of the watermark between two looks of those who watch.
const TICKS_A_LOOK: u32 = 25;

/// How a tenant is hosted; nothing here changes a fate.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// Shard actors, 0 for one a core.
    pub shards: u32,
    /// Device and portal actors alive at once, at least 2.
    pub resident_actors_max: u32,
    /// Keep every pair's end, so that it can be asked for.
    pub keep_fates: bool,
    /// Where to count for Prometheus, if anybody looks.
    pub meters: Option<Arc<Meters>>,
}

/// Why a host does not answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HostError {
    /// The engine could not go on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Model time has come to the scenario's end.
    #[error("model time has come to its end")]
    Over,
    /// The host stops.
    #[error("the host stops")]
    Stopped,
}

/// What the tenant says to a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostingVerdict {
    /// When it was judged.
    pub at: SimTime,
    /// Which message it has become, or why none.
    pub outcome: Result<MessageIx, Refusal>,
}

struct Request {
    postings: Vec<Posting>,
    reply: oneshot::Sender<Result<Vec<PostingVerdict>, HostError>>,
}

/// A tenant under a clock; clones are the same tenant.
#[derive(Clone, Debug)]
pub struct Host {
    world: Arc<World>,
    clock: Clock,
    tenancy: Tenancy,
    requests: mpsc::Sender<Request>,
}

impl std::fmt::Debug for Request {
    /// Without the texts (R6).
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Request").field("postings", &self.postings.len()).finish_non_exhaustive()
    }
}

impl Host {
    /// Opens a tenant of a world that takes postings, and drives it under this clock, which has a speed, until the last clone is
    /// gone.
    ///
    /// # Errors
    /// [`HostError::Engine`] if it does not open.
    pub async fn start(world: Arc<World>, clock: Clock, options: HostOptions) -> Result<Self, HostError> {
        let HostOptions { shards, resident_actors_max, keep_fates, meters } = options;
        let progress = Arc::new(Progress::default());
        let engine = Engine::default();
        let (outlet, sabotage) = (None, None);
        let options = Options { clock, shards, resident_actors_max, keep_fates, outlet, sabotage, meters, progress };
        let tenancy = engine.open(&world.name, world.clone(), options).await?;
        let (requests, waiting) = mpsc::channel(WAITING_MAX);
        let driver = Driver { world: world.clone(), clock, tenancy: tenancy.clone(), agenda: Agenda::new(&world) };
        let name = world.name.clone();
        tokio::spawn(async move {
            // What went wrong is told to every caller from now on, since nobody answers them any more.
            let _ = driver.drive(waiting).await;
            engine.close(&name);
        });
        Ok(Self { world, clock, tenancy, requests })
    }

    /// The world.
    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// The clock.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Asks for messages, all at one moment; the tenant's verdicts in their order.
    ///
    /// # Errors
    /// Any: nothing was sent, or nobody knows.
    pub async fn post(&self, postings: Vec<Posting>) -> Result<Vec<PostingVerdict>, HostError> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request { postings, reply }).await.map_err(|_| HostError::Stopped)?;
        answer.await.map_err(|_| HostError::Stopped)?
    }

    /// Waits until nobody drives it any more.
    pub async fn ended(&self) {
        self.requests.closed().await;
    }

    /// Has a short look at the tenant.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Tenant) -> T + Send + 'static,
    ) -> Result<T, HostError> {
        Ok(self.tenancy.look(look).await?)
    }
}

struct Driver {
    world: Arc<World>,
    clock: Clock,
    tenancy: Tenancy,
    agenda: Agenda,
}

impl Driver {
    async fn drive(mut self, mut waiting: mpsc::Receiver<Request>) -> Result<(), EngineError> {
        let (mut tick, mut ticks) = (Tick::start(), 0);
        loop {
            tokio::select! {
                biased;
                () = tick.next() => {
                    self.keep_up().await?;
                    ticks += 1;
                    if ticks % TICKS_A_LOOK == 0 {
                        self.tenancy.observe()?;
                    }
                }
                request = waiting.recv() => {
                    let Some(request) = request else { return Ok(()) };
                    let mut requests = vec![request];
                    while requests.iter().map(|request| request.postings.len()).sum::<usize>() < POSTINGS_A_BATCH
                        && let Ok(request) = waiting.try_recv()
                    {
                        requests.push(request);
                    }
                    self.post(requests).await?;
                }
            }
        }
    }

    /// Lets happen what the scenario plans up to now, and closes what is past; returns now.
    async fn keep_up(&mut self) -> Result<SimTime, EngineError> {
        let now = self.clock.now().min(self.world.horizon);
        while let Some(at) = self.agenda.next_time().filter(|at| *at <= now) {
            self.tenancy.quiet_until(at)?;
            let due = self.agenda.take(&self.world, at);
            self.tenancy.ask(at, due).await?;
        }
        self.tenancy.quiet_until(now)?;
        Ok(now)
    }

    async fn post(&mut self, requests: Vec<Request>) -> Result<(), EngineError> {
        let at = self.keep_up().await?;
        if at >= self.world.horizon {
            for request in requests {
                let _ = request.reply.send(Err(HostError::Over));
            }
            return Ok(());
        }
        let mut replies = Vec::with_capacity(requests.len());
        let mut postings = Vec::new();
        for request in requests {
            replies.push((request.postings.len(), request.reply));
            postings.extend(request.postings);
        }
        match self.tenancy.post(at, postings).await {
            Ok(answers) => {
                let mut answers = answers.into_iter().map(|outcome| PostingVerdict { at, outcome });
                for (count, reply) in replies {
                    // Who asked may have hung up meanwhile.
                    let _ = reply.send(Ok(answers.by_ref().take(count).collect()));
                }
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
}
