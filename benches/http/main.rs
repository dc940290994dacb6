//! `cargo bench --bench http`: the cost of the Graph API, as a ratio to a bare axum handler that gets the same requests
//! in the same run. No figure here fails a build; a lost message does.
//!
//! | part | what is measured, against what |
//! |---|---|
//! | `sends` | accepted messages to single devices per second, over kept connections, against a handler that only reads their bodies; every phone has its actors |
//! | `cold` | the same with a server's default number of actors: enough for half of the phones, so that each send creates actors and evicts others |
//! | `together` | accepted messages to single devices per second by `$batch` of 20 and by `executeAction` on 1,000, against one request each |
//! | `stored` | accepted messages to single devices per second with a store, against none; and how long they take to be found again |
//! | `replayed` | how long a tenant takes to do a million single messages again, and a day of messages to a hundred thousand phones |
//! | `endless` | memory while ten million messages are taken with a store, and their start again; only if it is named |
//! | `kept` | memory for each of a million messages that can be looked up and are in the history |
//! | `pages` | reading a hundred thousand managed devices page by page, against a handler that sends as many prepared bytes |
//! | `idle` | memory of the server for each of ten thousand open idle connections |
//!
//! A name measures that part alone: `cargo bench --bench http -- sends`.

mod bare;
mod callers;
mod endless;
mod idle;
mod kept;
#[path = "../machine.rs"]
mod machine;
mod memory;
mod pages;
mod replayed;
mod served;
mod stored;
mod together;

/// The program's allocator, for both contenders.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Timed rounds of each contender, alternating, after one that is not timed.
const ROUNDS: u32 = 5;
/// The same where messages are sent together: with the first, no phone gets more than its ten an hour.
const ROUNDS_TOGETHER: u32 = 2;
/// The same with a store, of two numbers of connections.
const ROUNDS_STORED: u32 = 4;
/// Messages in a round: one to every phone.
const PHONES: u32 = 20_000;
/// Resident actors: enough for every phone, and the default of a server.
const ROOM_FOR_ALL: u32 = 2 * PHONES + 2;
const ROOM_BY_DEFAULT: u32 = 20_000;

fn main() {
    if let Some(address) = idle::this_process_is_for() {
        return idle::hold(address);
    }
    machine::print();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    // First, while the process has no freed memory.
    if is_wanted("idle") {
        idle::print();
    }
    if is_wanted("kept") {
        kept::print();
    }
    if is_wanted("pages") {
        pages::print();
    }
    for (part, room) in [("sends", ROOM_FOR_ALL), ("cold", ROOM_BY_DEFAULT)] {
        if is_wanted(part) {
            sends(part, room);
        }
    }
    if is_wanted("stored") {
        stored::print(PHONES, ROOM_FOR_ALL, ROUNDS_STORED);
    }
    if is_wanted("replayed") {
        replayed::print();
    }
    // Minutes, and gigabytes on the disk: only by its name.
    if wanted.iter().any(|word| word == "endless") {
        endless::print();
    }
    if is_wanted("together") {
        together::print(PHONES, ROOM_FOR_ALL, ROUNDS_TOGETHER);
    }
}

fn sends(part: &str, resident_actors_max: u32) {
    let runtime = served::runtime();
    let ours = runtime.block_on(served::Served::start(PHONES, resident_actors_max));
    let bare = runtime.block_on(bare::start());
    let requests = ours.requests();
    let (mut our_rounds, mut bare_rounds) = (callers::Figures::new(), callers::Figures::new());
    callers::ask(ours.address(), &requests);
    callers::ask(bare, &requests);
    let before = memory::resident_bytes();
    for _ in 0..ROUNDS {
        our_rounds.add(callers::ask(ours.address(), &requests));
        bare_rounds.add(callers::ask(bare, &requests));
    }
    let (our_rate, bare_rate) = (our_rounds.a_second(), bare_rounds.a_second());
    println!("{part:<8} {our_rate:.0} accepted a second, p99 {} µs", our_rounds.p99_us());
    println!("         {bare_rate:.0} a second by the bare handler, p99 {} µs", bare_rounds.p99_us());
    println!("         {:.2} of its speed · rounds {}", our_rate / bare_rate, our_rounds.beside(&bare_rounds));
    let messages = u64::from(PHONES) * u64::from(ROUNDS + 1);
    ours.has_lost_nothing(messages);
    let grown = memory::resident_bytes().saturating_sub(before) / u64::from(PHONES * ROUNDS);
    println!("         {grown} bytes of memory more for each message");
    println!("         {messages} messages were answered with 204, and each has its journey");
}
