//! Memory of a million messages in a host: the history, and the ids of their requests.

use std::hint::black_box;

use reveille::host::{MessageLog, RequestId};
use reveille::rules::base::ids::{AccountIx, DeviceIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::timeline::posting::Recipients;

use crate::memory::resident_bytes;

/// The largest number that a history holds.
const MESSAGES: u32 = 1_000_000;

/// Prints the memory of each, if the ids of requests are UUIDs.
pub(crate) fn print() {
    let before = resident_bytes();
    let mut book = MessageLog::default();
    for at in 0..MESSAGES {
        let request = RequestId::of(&format!("{at:08x}-89ab-4def-8123-456789abcdef"));
        book.accepted(SimTime(at.into()), AccountIx(0), Recipients::Device(DeviceIx(at)), request);
    }
    let each = resident_bytes().saturating_sub(before) / u64::from(MESSAGES);
    println!("kept     {each} bytes for each of {} messages", black_box(&book).messages());
}
