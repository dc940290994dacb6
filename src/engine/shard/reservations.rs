//! The reservations that the tenant waits for. Must not decide one: the device's machine answers, at rest or in a turn.

use ractor::{ActorProcessingErr, ActorRef};

use super::phone_faults::PhoneFaults;
use crate::engine::phone::record::RecordError;
use crate::engine::phone::slot::Phones;
use crate::engine::phone::turn::{Reservation, Turn};
use crate::engine::tenant::messages::TenantMessage;
use crate::rules::base::ids::DeviceIx;
use crate::rules::service::message::Refusal;
use crate::rules::service::readings::Service;

/// Answers to reservations, by attempt.
type ReservationAnswers = Vec<(usize, Result<(), Refusal>)>;

/// Reservations in progress. Their answers go to the tenant together, which saves messages.
#[derive(Debug, Default)]
pub(super) struct PendingReservations {
    missing: usize,
    answers: ReservationAnswers,
}

impl PendingReservations {
    /// Takes requests in order. The record of a phone at rest answers at once; returns the phones that answer in a turn: those with
    /// work, and all of them where faults hit actors, because an actor that is dead or stalled delays its answer.
    ///
    /// # Errors
    /// A [`RecordError`] if a record is broken.
    pub(super) fn request(
        &mut self,
        wanted: Vec<Reservation>,
        phones: &mut Phones,
        service: &Service,
        faults: &PhoneFaults,
    ) -> Result<Vec<DeviceIx>, RecordError> {
        let mut by_turn = Vec::new();
        for wanted in wanted {
            let at_rest = if faults.are_none() { phones.reserve_at_rest(service, &wanted)? } else { None };
            if let Some(answer) = at_rest {
                self.answers.push((wanted.attempt, answer));
            } else {
                self.missing += 1;
                by_turn.push(wanted.device);
                phones.work(wanted.device).reservations.push(wanted);
            }
        }
        Ok(by_turn)
    }

    /// Takes the answers of a turn.
    pub(super) fn answered(&mut self, turn: &mut Turn) {
        let attempts = turn.reservations.iter().map(|wanted| wanted.attempt);
        self.answers.extend(attempts.zip(turn.answers.drain(..)));
        self.missing -= turn.reservations.len();
    }

    /// Reports all answers to the tenant, if there are any and none is missing.
    ///
    /// # Errors
    /// The tenant's actor is gone.
    pub(super) fn report(&mut self, tenant: &ActorRef<TenantMessage>) -> Result<(), ActorProcessingErr> {
        if let Some(answers) = self.take_ready() {
            tenant.cast(TenantMessage::Reserved(answers))?;
        }
        Ok(())
    }

    fn take_ready(&mut self) -> Option<ReservationAnswers> {
        (self.missing == 0 && !self.answers.is_empty()).then(|| std::mem::take(&mut self.answers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixture;
    use crate::rules::base::time::SimTime;
    use crate::rules::delivery::device::Device;
    use crate::rules::faults::actor_fault::{Blow, Victims};
    use crate::rules::faults::fault::Fault;
    use crate::rules::service::message::Reason;

    fn reservation(attempt: usize) -> Reservation {
        Reservation { device: DeviceIx(0), at: SimTime::ZERO, attempt, group_messages: Vec::new() }
    }

    /// Requests slots of one phone; returns how many of them wait for a turn.
    fn request(
        pending: &mut PendingReservations,
        phones: &mut Phones,
        faults: Vec<Fault>,
        attempts: &[usize],
    ) -> usize {
        let world = fixture::world(1, faults);
        let wanted = attempts.iter().copied().map(reservation).collect();
        let faults = PhoneFaults::new(&world, SimTime::ZERO);
        pending.request(wanted, phones, &world.service, &faults).expect("the records are whole").len()
    }

    #[test]
    fn a_phone_at_rest_answers_from_its_record_up_to_its_quota() {
        let (mut pending, mut phones) = (PendingReservations::default(), Phones::new(0..1));
        let attempts: Vec<usize> = (0..11).collect();
        assert_eq!(request(&mut pending, &mut phones, Vec::new(), &attempts), 0);
        let answers = pending.take_ready().expect("none is missing");
        assert!(answers[..10].iter().all(|(_, answer)| answer.is_ok()));
        assert_eq!(answers[10].1.map_err(|refusal| refusal.reason), Err(Reason::DeviceQuota));
        let mut device: Device = phones.rest(DeviceIx(0)).device.machine().expect("it is whole");
        let service = fixture::world(1, Vec::new()).service;
        assert!(device.reserve(&service, SimTime::ZERO, &[]).is_err(), "the record has the ten slots");
    }

    #[test]
    fn the_actor_of_a_phone_gets_the_record_that_changed() {
        let (mut pending, mut phones) = (PendingReservations::default(), Phones::new(0..1));
        phones.entry(DeviceIx(0)).is_current = true;
        request(&mut pending, &mut phones, Vec::new(), &[0]);
        assert!(!phones.entry(DeviceIx(0)).is_current);
    }

    #[test]
    fn a_phone_with_work_and_a_phone_whose_actors_may_die_answer_in_a_turn() {
        let mut phones = Phones::new(0..1);
        let fault = fixture::actor_fault(Blow::Crash, Victims::Phones(None));
        assert_eq!(request(&mut PendingReservations::default(), &mut phones, vec![fault], &[0, 1]), 2);
        let mut pending = PendingReservations::default();
        assert_eq!(request(&mut pending, &mut phones, Vec::new(), &[2]), 1, "two reservations wait");
        assert_eq!(pending.take_ready(), None);
        assert_eq!(phones.work(DeviceIx(0)).reservations.len(), 3);
    }

    #[test]
    fn the_answers_come_together_when_the_last_turn_is_applied() {
        let mut phones = Phones::new(0..1);
        phones.work(DeviceIx(0)).is_queued = true;
        let mut pending = PendingReservations::default();
        request(&mut pending, &mut phones, Vec::new(), &[0, 1]);
        for attempt in [1, 0] {
            assert_eq!(pending.take_ready(), None);
            let mut turn = Turn::empty();
            turn.reservations.push(reservation(attempt));
            turn.answers.push(Ok(()));
            pending.answered(&mut turn);
        }
        assert_eq!(pending.take_ready(), Some(vec![(1, Ok(())), (0, Ok(()))]));
        assert_eq!(pending.take_ready(), None);
    }
}
