//! The reservations that the tenant waits for. Must not decide one: the device's actor answers.

use crate::engine::phone::turn::Turn;
use crate::rules::service::message::Refusal;

/// Answers to reservations, by attempt.
pub(super) type ReservationAnswers = Vec<(usize, Result<(), Refusal>)>;

/// Reservations in progress. Their answers go to the tenant together, which saves messages.
#[derive(Debug, Default)]
pub(super) struct PendingReservations {
    missing: usize,
    answers: ReservationAnswers,
}

impl PendingReservations {
    /// A reservation is given to a phone.
    pub(super) fn requested(&mut self) {
        self.missing += 1;
    }

    /// Takes the answers of a turn. Returns all answers when none is missing.
    pub(super) fn answered(&mut self, turn: &mut Turn) -> Option<ReservationAnswers> {
        if turn.reservations.is_empty() {
            return None;
        }
        let attempts = turn.reservations.iter().map(|wanted| wanted.attempt);
        self.answers.extend(attempts.zip(turn.answers.drain(..)));
        self.missing -= turn.reservations.len();
        (self.missing == 0).then(|| std::mem::take(&mut self.answers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::phone::turn::Reservation;
    use crate::rules::base::ids::DeviceIx;
    use crate::rules::base::time::SimTime;

    #[test]
    fn the_answers_come_together_when_the_last_turn_is_applied() {
        let mut pending = PendingReservations::default();
        let turn = |attempt| {
            let mut turn = Turn::empty();
            turn.reservations.push(Reservation {
                device: DeviceIx(0),
                at: SimTime::ZERO,
                attempt,
                group_messages: Vec::new(),
            });
            turn.answers.push(Ok(()));
            turn
        };
        pending.requested();
        pending.requested();
        assert_eq!(pending.answered(&mut Turn::empty()), None);
        assert_eq!(pending.answered(&mut turn(1)), None);
        assert_eq!(pending.answered(&mut turn(0)), Some(vec![(1, Ok(())), (0, Ok(()))]));
        assert_eq!(pending.answered(&mut Turn::empty()), None);
    }
}
