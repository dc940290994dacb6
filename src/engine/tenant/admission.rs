//! The request that a tenant works on: which of its reservations are missing, and which of its messages are answered. Must not
//! judge a message: the tenant's state asks `rules`.

use ractor::RpcReplyPort;

use super::messages::Verdicts;
use super::requested_message::RequestedMessage;
use crate::engine::EngineError;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::service::message::Refusal;

/// The admission of requests, one at a time.
#[derive(Default)]
pub(super) struct Admission(Option<PendingRequest>);

/// A request that is not answered yet.
pub(super) struct PendingRequest {
    /// The time of its last message.
    pub(super) last: SimTime,
    /// The messages, each at its time, and their judgements so far.
    wanted: Vec<(SimTime, RequestedMessage, Result<(), Refusal>)>,
    /// Answers so far, in order.
    answers: Verdicts,
    /// Reservations without an answer.
    missing: usize,
    /// Nothing is requested before this time, if nothing is refused.
    until: Option<SimTime>,
    reply: RpcReplyPort<Result<Verdicts, EngineError>>,
}

impl Admission {
    /// Begins a request whose messages are judged, and of which `missing` wait for a reservation.
    pub(super) fn begin(
        &mut self,
        last: SimTime,
        wanted: Vec<(SimTime, RequestedMessage, Result<(), Refusal>)>,
        missing: usize,
        until: Option<SimTime>,
        reply: RpcReplyPort<Result<Verdicts, EngineError>>,
    ) {
        let answers = Vec::with_capacity(wanted.len());
        self.0 = Some(PendingRequest { last, wanted, answers, missing, until, reply });
    }

    /// Takes the answers of devices to reservations, by the place of the message.
    pub(super) fn reserved(&mut self, answers: Vec<(usize, Result<(), Refusal>)>) {
        let Some(pending) = &mut self.0 else { return };
        for (place, answer) in answers {
            pending.missing -= 1;
            pending.wanted[place].2 = answer;
        }
    }

    /// Takes the request, if no reservation is missing.
    pub(super) fn take_ready(&mut self) -> Option<PendingRequest> {
        self.0.take_if(|pending| pending.missing == 0)
    }

    /// Puts a request back that cannot be answered completely yet.
    pub(super) fn put_back(&mut self, pending: PendingRequest) {
        self.0 = Some(pending);
    }

    /// Answers the request with an error: the run fails.
    pub(super) fn fail(&mut self, error: &EngineError) {
        if let Some(pending) = self.0.take() {
            // The driver may have gone.
            let _ = pending.reply.send(Err(error.clone()));
        }
    }
}

impl PendingRequest {
    /// The next message without an answer, with its time and its judgement so far.
    pub(super) fn next(&self) -> Option<(SimTime, &RequestedMessage, Result<(), Refusal>)> {
        self.wanted.get(self.answers.len()).map(|(at, wanted, judgement)| (*at, wanted, *judgement))
    }

    /// Answers the next message.
    pub(super) fn answer(&mut self, answer: Result<MessageIx, Refusal>) {
        self.answers.push(answer);
    }

    /// The time before which nothing is requested, if nothing was refused.
    pub(super) fn quiet_until(&self) -> Option<SimTime> {
        self.until.filter(|_| self.answers.iter().all(Result::is_ok))
    }

    /// Sends the answers.
    pub(super) fn reply(self) {
        // The driver may have gone.
        let _ = self.reply.send(Ok(self.answers));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_ready_when_every_reservation_has_come_back() {
        let (reply, _answer) = tokio::sync::oneshot::channel();
        let mut admission = Admission::default();
        admission.begin(SimTime(3), Vec::new(), 0, Some(SimTime(9)), reply.into());
        let pending = admission.take_ready().expect("it has no reservation");
        assert!(admission.take_ready().is_none(), "it is taken");
        assert_eq!((pending.last, pending.quiet_until()), (SimTime(3), Some(SimTime(9))));
        admission.put_back(pending);
        admission.fail(&EngineError::Gone);
        assert!(admission.take_ready().is_none(), "it is answered");
    }
}
