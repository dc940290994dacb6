//! What callers have asked of a hosted tenant: its history, and beside each message the id that the caller gave to the request,
//! for an answer without a body names no message. Holds no text (R6).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::rules::history::{Deed, History, Input};
use crate::rules::ids::{AccountIx, DeviceIx, MessageIx};
use crate::rules::posting::Recipients;
use crate::rules::time::SimTime;

/// Messages that can be found; older ones are forgotten.
pub const POSTED_MAX: usize = 1_000_000;

/// A message that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Which it is.
    pub message: MessageIx,
    /// When it was accepted.
    pub at: SimTime,
    /// Who sent it.
    pub account: AccountIx,
    /// To whom.
    pub recipients: Recipients,
    /// The caller's id of the request; empty if nobody knows.
    pub request: Arc<str>,
}

/// See the file.
#[derive(Clone, Debug, Default)]
pub struct Book {
    history: History,
    posted: VecDeque<Posted>,
    next: u32,
    by_request: HashMap<Arc<str>, Vec<MessageIx>>,
}

impl Book {
    /// A posting was accepted: the next message.
    pub fn accepted(&mut self, at: SimTime, account: AccountIx, recipients: Recipients, request: Arc<str>) {
        self.history.push(at, Deed::Accepted { account, recipients: recipients.clone() });
        let message = MessageIx(self.next);
        self.next += 1;
        if self.posted.len() == POSTED_MAX {
            self.forget_first();
        }
        if !request.is_empty() {
            self.by_request.entry(Arc::clone(&request)).or_default().push(message);
        }
        self.posted.push_back(Posted { message, at, account, recipients, request });
    }

    /// A notification was dismissed by hand.
    pub fn dismissed(&mut self, at: SimTime, device: DeviceIx, message: MessageIx) {
        self.history.push(at, Deed::Dismissed { device, message });
    }

    /// Something was done, by a request that its caller calls so, if it was a message's.
    pub fn done(&mut self, input: Input, request: Arc<str>) {
        let Input { at, deed } = input;
        match deed {
            Deed::Accepted { account, recipients } => self.accepted(at, account, recipients, request),
            Deed::Dismissed { .. } | Deed::FaultStarted { .. } | Deed::FaultStopped { .. } => {
                self.history.push(at, deed);
            }
        }
    }

    fn forget_first(&mut self) {
        let Some(first) = self.posted.pop_front() else { return };
        if let Some(messages) = self.by_request.get_mut(&first.request) {
            messages.retain(|message| *message != first.message);
            if messages.is_empty() {
                self.by_request.remove(&first.request);
            }
        }
    }

    /// Messages accepted so far, the forgotten ones too.
    pub const fn messages(&self) -> u32 {
        self.next
    }

    /// A message that is not forgotten.
    pub fn posted(&self, message: MessageIx) -> Option<&Posted> {
        let first = self.posted.front()?.message;
        self.posted.get(message.0.checked_sub(first.0)? as usize)
    }

    /// Those that are not forgotten, from this one on.
    pub fn from(&self, message: MessageIx) -> impl Iterator<Item = &Posted> {
        let first = self.posted.front().map_or(0, |first| first.message.0);
        self.posted.iter().skip(message.0.saturating_sub(first) as usize)
    }

    /// The messages that a request with this id asked for, in order.
    pub fn of_request(&self, request: &str) -> &[MessageIx] {
        self.by_request.get(request).map_or(&[], Vec::as_slice)
    }

    /// Every input.
    pub const fn history(&self) -> &History {
        &self.history
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_by_the_id_of_its_request_until_it_is_forgotten() {
        let mut book = Book::default();
        for at in 0..POSTED_MAX as u32 + 2 {
            let request = Arc::from(format!("r{}", at / 2).as_str());
            book.accepted(SimTime(at.into()), AccountIx(0), Recipients::Device(DeviceIx(at)), request);
        }
        assert_eq!(book.of_request("r0"), []);
        assert_eq!(book.of_request("r1"), [MessageIx(2), MessageIx(3)]);
        assert_eq!(
            (book.posted(MessageIx(1)), book.posted(MessageIx(2)).map(|found| found.at)),
            (None, Some(SimTime(2)))
        );
        assert_eq!(book.from(MessageIx(0)).next().map(|first| first.message), Some(MessageIx(2)));
        assert_eq!(book.posted(MessageIx(book.messages())), None);
        assert!(!book.history().is_whole());
    }
}
