//! A million messages as a host keeps them: the history, and the ids of their requests.

use std::hint::black_box;

use reveille::rules::ids::{AccountIx, DeviceIx};
use reveille::rules::posting::Recipients;
use reveille::rules::time::SimTime;
use reveille::run::{Book, RequestId};

use crate::memory::resident_bytes;

/// As many as a history holds.
const MESSAGES: u32 = 1_000_000;

/// Prints what each needs, by what its caller calls the request.
pub(crate) fn print() {
    let uuid = |at: u32| format!("{at:08x}-89ab-4def-8123-456789abcdef");
    let word = |at: u32| format!("a-script-of-mine-and-its-request-{at}");
    for (called, id) in [("UUIDs", &uuid as &dyn Fn(u32) -> String), ("40 characters", &word)] {
        let before = resident_bytes();
        let mut book = Book::default();
        for at in 0..MESSAGES {
            let to = Recipients::Device(DeviceIx(at));
            book.accepted(SimTime(at.into()), AccountIx(0), to, RequestId::of(&id(at)));
        }
        let each = resident_bytes().saturating_sub(before) / u64::from(MESSAGES);
        println!("kept     {each} bytes a message, requests called by {called}");
        // What the first has given back would be taken for nothing by the second.
        std::mem::forget(black_box(book));
    }
}
