//! Risk: a store that is damaged is read as another history, or as a shorter one.
//!
//! `FLIPS=100000 cargo test --release --locked --test it store::damaged` flips that many bits; `FLIPS_SEED=N` chooses others.

use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;

use reveille::store::{
    ClockMark, Store, StoreCheck, StoreError, StoredInput, StoredText, TenantIdentity, TextChanges, TextKey,
};
use uuid::Uuid;

use super::lock::unlocked;
use crate::fixtures::program::Folder;
use crate::process::stops::told;

/// Bits that are flipped, unless `FLIPS` says otherwise.
const FLIPS: u64 = 1_000;
/// Inputs of the store.
const INPUTS: u64 = 400;

fn identity() -> TenantIdentity {
    TenantIdentity {
        id: Uuid::from_u128(7),
        name: "small".to_owned(),
        scenario_hash: "abc".to_owned(),
        scenario: "schema = 1\nname = \"small\"\n".to_owned(),
        seed: u64::MAX,
        model_version: 3,
    }
}

fn input(number: u64) -> StoredInput {
    StoredInput { at_ms: number, kind: "accepted".into(), body: number.to_le_bytes().repeat(40) }
}

/// Makes a store with most of its inputs in the database and some in the log, as a killed server leaves it.
fn make(folder: &Path) {
    let open = || unlocked(|| Store::open(folder, &[identity()], None)).expect("it opens");
    let (store, tenants) = open();
    write(&tenants[0], 0..INPUTS / 8 * 7);
    store.close().expect("it is whole");
    let (store, tenants) = open();
    write(&tenants[0], INPUTS / 8 * 7..INPUTS);
    // A copy of an open store is what a kill leaves.
    let killed = folder.with_extension("killed");
    fs::create_dir(&killed).expect("it is new");
    copy(folder, &killed);
    store.close().expect("it is whole");
    fs::remove_dir_all(folder).expect("it is there");
    fs::rename(killed, folder).expect("both are in one folder");
}

fn text(number: u64) -> StoredText {
    let message = u32::try_from(number).expect("it is small");
    StoredText { message, sealed: number.to_le_bytes().repeat(9).into(), key: TextKey::of(&[number as u8; 32]) }
}

fn write(tenant: &reveille::store::TenantStore, numbers: std::ops::Range<u64>) {
    let (done, is_done) = channel();
    for number in numbers {
        let done = done.clone();
        let clock = ClockMark { now_ms: number, ..ClockMark::default() };
        // Every fourth one has a text that is kept, and another one whose text is over.
        let kept = if number % 2 == 0 { vec![text(number)] } else { Vec::new() };
        let over = if number % 4 == 3 { vec![text(number - 1).message] } else { Vec::new() };
        tenant.append(vec![input(number)], TextChanges { kept, over }, clock, move |stored| {
            done.send(stored).expect("the test listens");
        });
        is_done.recv().expect("it is done").expect("it is stored");
    }
}

pub(super) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a file can be copied");
    }
    private(to);
}

#[cfg(unix)]
fn private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).expect("it is ours");
}

#[cfg(not(unix))]
fn private(_: &Path) {}

/// All inputs of a store.
fn read(folder: &Path) -> Result<Vec<StoredInput>, StoreError> {
    let (store, tenants) = unlocked(|| Store::open(folder, &[identity()], None))?;
    let mut stored = tenants[0].stored()?;
    let mut all = Vec::new();
    loop {
        let next = stored.next_inputs()?;
        if next.is_empty() {
            break;
        }
        all.extend(next);
    }
    let (texts, losses) = stored.texts()?;
    let expected = (0..INPUTS).step_by(4).map(text);
    assert!(
        texts.iter().zip(expected).all(|(one, other)| (one.message, &one.sealed) == (other.message, &other.sealed))
    );
    assert_eq!((texts.len() as u64, losses.total()), (INPUTS / 4, 0), "a text is there, or its database is refused");
    drop(stored);
    store.close()?;
    Ok(all)
}

#[test]
fn a_flipped_bit_is_found_or_changes_nothing() {
    let folder = Folder::new("store_flips");
    let whole = folder.path().join("whole");
    make(&whole);
    let all: Vec<StoredInput> = (0..INPUTS).map(input).collect();
    let files = ["store.db", "store.db-wal", "head"];
    let bytes = files.map(|file| fs::read(whole.join(file)).expect("it is there"));
    let bits: u64 = bytes.iter().map(|bytes| bytes.len() as u64 * 8).sum();
    let (flips, seed) = (told("FLIPS").unwrap_or(FLIPS), told("FLIPS_SEED").unwrap_or(1));
    let (mut found, mut harmless) = ([0; 3], [0; 3]);
    for flip in 0..flips {
        let damaged = folder.path().join("damaged");
        let _ = fs::remove_dir_all(&damaged);
        fs::create_dir(&damaged).expect("it is new");
        private(&damaged);
        // Each file as often as the others, however long it is.
        let at = usize::try_from(flip % 3).expect("three");
        let own = bytes[at].len() as u64 * 8;
        let bit = mixed(seed, flip) % own;
        for (place, file) in files.into_iter().enumerate() {
            let mut content = bytes[place].clone();
            if place == at {
                content[usize::try_from(bit / 8).expect("a place")] ^= 1 << (bit % 8);
            }
            fs::copy(whole.join(file), damaged.join(file)).expect("with its permissions");
            fs::write(damaged.join(file), content).expect("it can be written");
        }
        fs::copy(whole.join("keys"), damaged.join("keys")).expect("with its permissions");
        let place = format!("bit {bit} of {}, of {bits} in all: FLIPS_SEED={seed} FLIPS={}", files[at], flip + 1);
        let before = files.map(|file| fs::read(damaged.join(file)).expect("it is there"));
        match read(&damaged) {
            Ok(read) => {
                assert!(read == all, "{place}: {} inputs were read", read.len());
                harmless[at] += 1;
            }
            Err(error) => {
                assert!(error.to_string().contains("damaged"), "{place}: {error:?}");
                let after = files.map(|file| fs::read(damaged.join(file)).expect("it is there"));
                assert!(before == after, "{place}: a refused store is left as it was: {error}");
                found[at] += 1;
            }
        }
    }
    println!("{files:?}: {found:?} found, {harmless:?} without effect");
    assert!(found.iter().all(|found| *found > 0), "flips are found in every file: {found:?}");
}

/// A number that looks random.
const fn mixed(seed: u64, place: u64) -> u64 {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (place + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    mixed.wrapping_mul(mixed | 1) >> 24
}

#[test]
fn a_log_that_was_cut_or_lost_after_an_answer_is_refused() {
    let folder = Folder::new("store_cut");
    let whole = folder.path().join("whole");
    make(&whole);
    let log = fs::read(whole.join("store.db-wal")).expect("it is there");
    for part in 0..8 {
        let cut = folder.path().join(format!("cut{part}"));
        fs::create_dir(&cut).expect("it is new");
        copy(&whole, &cut);
        fs::write(cut.join("store.db-wal"), &log[..log.len() * part / 8]).expect("it can be written");
        let error = read(&cut).expect_err("something is lost");
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        let again = read(&cut).expect_err("it is lost still");
        assert_eq!(again, error, "a refusal changes nothing");
        assert!(matches!(unlocked(|| StoreCheck::of(&cut)), Err(StoreError::Damaged { .. })));
    }
    // What a torn last write leaves, behind everything that was answered, is dropped.
    let torn = folder.path().join("torn");
    fs::create_dir(&torn).expect("it is new");
    copy(&whole, &torn);
    fs::write(torn.join("store.db-wal"), [log.as_slice(), &log[log.len() - 5_000..]].concat())
        .expect("it can be written");
    assert_eq!(read(&torn).map(|read| read.len() as u64), Ok(INPUTS));
    let checked = unlocked(|| StoreCheck::of(&torn)).expect("it is whole");
    assert_eq!((checked.tenants[0].inputs, checked.tenants[0].now_ms), (INPUTS, INPUTS - 1));
    // A copy of the database alone, as a backup tool makes one, has no head and needs none.
    fs::remove_file(torn.join("head")).expect("it is there");
    assert_eq!(read(&torn).map(|read| read.len() as u64), Ok(INPUTS));
}
