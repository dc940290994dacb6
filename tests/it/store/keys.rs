//! Risk: a file of keys that is lost or damaged gives a text of another message, takes more texts with it than it must, or
//! does so without a word.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;

use reveille::store::{
    ClockMark, Store, StoreCheck, StoreError, StoredText, TenantIdentity, TenantStore, TextChanges, TextKey, TextLosses,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::damaged::copy;
use super::lock::unlocked;
use crate::control::hand::{Hand, TOKEN};
use crate::control::texts::{BODY, FORMS, KEPT, TITLE, screen, to_device};
use crate::fixtures::caller::Served;
use crate::fixtures::program::Folder;

/// Texts of the store.
const TEXTS: u32 = 12;
/// Bytes of the place of a key.
const SLOT: usize = 64;

fn identity(name: &str) -> TenantIdentity {
    TenantIdentity {
        id: Uuid::from_u128(name.len() as u128),
        name: name.to_owned(),
        scenario_hash: "abc".to_owned(),
        scenario: "schema = 1\n".to_owned(),
        seed: 1,
        model_version: 3,
    }
}

fn text(message: u32) -> StoredText {
    let (sealed, key) = (vec![message as u8 + 1; 50].into_boxed_slice(), TextKey::of(&[message as u8 + 1; 32]));
    StoredText { message, sealed, key }
}

/// Writes a change of texts.
fn change(tenant: &TenantStore, kept: impl Iterator<Item = u32>, over: &[u32]) {
    let (done, is_done) = channel();
    let texts = TextChanges { kept: kept.map(text).collect(), over: over.to_vec() };
    let clock = ClockMark { now_ms: 1, ..ClockMark::default() };
    tenant.append(Vec::new(), texts, clock, move |stored| done.send(stored).expect("the test listens"));
    is_done.recv().expect("it is done").expect("it is stored");
}

fn opened(folder: &Path, identities: &[TenantIdentity]) -> Result<(Store, Vec<TenantStore>), StoreError> {
    unlocked(|| Store::open(folder, identities, None))
}

/// A store with texts.
fn make(folder: &Path) {
    let (store, tenants) = opened(folder, &[identity("small")]).expect("it opens");
    change(&tenants[0], 0..TEXTS, &[]);
    store.close().expect("it is whole");
}

/// The messages of the texts that can be read, each of which must be what was written, and what is lost. With `write` something is
/// written too, as by every server that starts.
fn read(folder: &Path, write: bool) -> Result<(Vec<u32>, TextLosses), StoreError> {
    let (store, tenants) = opened(folder, &[identity("small")])?;
    let (texts, losses) = tenants[0].stored()?.texts()?;
    for found in &texts {
        let StoredText { message, sealed, key } = text(found.message);
        assert!(found.sealed == sealed && found.key == key, "the text of message {message} is another one");
    }
    if write {
        change(&tenants[0], 0..0, &[]);
    }
    store.close()?;
    Ok((texts.iter().map(|text| text.message).collect(), losses))
}

/// The keys in a store's file of keys, by place: 32 of the 64 bytes of each place that is not empty.
pub(super) fn key_slots(store: &Path) -> BTreeMap<usize, Vec<u8>> {
    let bytes = fs::read(store.join("keys")).expect("it is there");
    let used = bytes.chunks(64).enumerate().filter(|(_, slot)| slot.iter().any(|byte| *byte != 0));
    used.map(|(place, slot)| (place, slot[16..48].to_vec())).collect()
}

/// A copy of a store.
fn copied(whole: &Path, name: &str) -> std::path::PathBuf {
    let path = whole.with_file_name(name);
    // There is none in the first round.
    let _ = fs::remove_dir_all(&path);
    fs::create_dir(&path).expect("it is new");
    copy(whole, &path);
    path
}

#[test]
fn a_flipped_bit_of_a_key_takes_one_text_which_is_told_once() {
    let folder = Folder::new("store_key_flips");
    let whole = folder.path().join("whole");
    make(&whole);
    let bytes = fs::read(whole.join("keys")).expect("it is there");
    let all: Vec<u32> = (0..TEXTS).collect();
    // Every part of each place, and some of the empty rest.
    for place in (0..TEXTS as usize * SLOT).step_by(5).chain([TEXTS as usize * SLOT, bytes.len() - 1]) {
        let damaged = copied(&whole, "damaged");
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        fs::write(damaged.join("keys"), &flipped).expect("it can be written");
        let lost = (place / SLOT) as u32;
        let left: Vec<u32> = all.iter().copied().filter(|message| *message != lost).collect();
        let (found, losses) = read(&damaged, false).expect("all else is there");
        assert_eq!(found, left, "byte {place}");
        let why = "1 text of a message is gone: their keys in the file `keys` are damaged or are those of other texts";
        assert_eq!(losses.to_string(), if lost < TEXTS { why } else { "" }, "byte {place}");
        assert_eq!(fs::read(damaged.join("keys")).expect("it is there"), flipped, "nothing is changed yet");
        let checked = unlocked(|| StoreCheck::of(&damaged)).expect("it is whole");
        assert_eq!((checked.tenants[0].texts, &checked.tenants[0].text_losses), (left.len() as u64, &losses));
        assert_eq!(read(&damaged, true).expect("it is told still"), (left.clone(), losses));
        assert_eq!(read(&damaged, true).expect("it was told"), (left.clone(), TextLosses::default()), "byte {place}");
        assert_eq!(key_slots(&damaged).len(), left.len(), "byte {place}: what is left of it is overwritten");
    }
}

#[test]
fn a_file_of_keys_that_is_cut_or_lost_takes_the_texts_whose_keys_are_gone() {
    let folder = Folder::new("store_key_cuts");
    let whole = folder.path().join("whole");
    make(&whole);
    let bytes = fs::read(whole.join("keys")).expect("it is there");
    for length in (0..=TEXTS as usize * SLOT).step_by(SLOT / 4) {
        let cut = copied(&whole, "cut");
        fs::write(cut.join("keys"), &bytes[..length]).expect("it can be written");
        let left: Vec<u32> = (0..(length / SLOT) as u32).collect();
        let (found, losses) = read(&cut, true).expect("all else is there");
        assert_eq!((&found, losses.total()), (&left, u64::from(TEXTS) - left.len() as u64), "{length} bytes");
        assert!(losses.total() == 0 || losses.to_string().ends_with("the file `keys` is too short"), "{losses}");
        assert_eq!(read(&cut, true), Ok((left.clone(), TextLosses::default())));
        assert_eq!(key_slots(&cut).len(), left.len());
    }
    fs::remove_file(whole.join("keys")).expect("it is there");
    let (found, losses) = read(&whole, true).expect("all else is there");
    assert_eq!(
        (found, losses.to_string()),
        (vec![], "12 texts of messages are gone: the file `keys` is not there".to_owned())
    );
    assert_eq!(read(&whole, true), Ok((vec![], TextLosses::default())));
}

#[test]
fn an_end_between_two_steps_leaves_neither_a_key_nor_a_text_behind() {
    let folder = Folder::new("store_key_steps");
    let (before, after) = (folder.path().join("before"), folder.path().join("after"));
    make(&before);
    let after = copied(&before, after.file_name().and_then(|name| name.to_str()).expect("it has one"));
    let (store, tenants) = opened(&after, &[identity("small")]).expect("it opens");
    change(&tenants[0], 0..0, &[3, 4, 5, TEXTS + 7]);
    store.close().expect("it is whole");
    let left: Vec<u32> = (0..TEXTS).filter(|message| !(3..6).contains(message)).collect();
    assert_eq!(read(&after, false), Ok((left.clone(), TextLosses::default())));
    assert_eq!(key_slots(&after).len(), left.len());

    // After the commit and before the slots: the keys are still there.
    let killed = copied(&after, "killed");
    fs::copy(before.join("keys"), killed.join("keys")).expect("it can be copied");
    assert_eq!(read(&killed, true), Ok((left.clone(), TextLosses::default())));
    assert_eq!(key_slots(&killed).len(), left.len());
    // An older database beside newer keys, as after a restored copy.
    let older = copied(&before, "older");
    fs::copy(after.join("keys"), older.join("keys")).expect("it can be copied");
    let (found, losses) = read(&older, true).expect("all else is there");
    assert_eq!(found, left);
    assert!(losses.to_string().starts_with("3 texts of messages are gone: their places in the file `keys` are empty"));

    // A text that is written later gets an empty place, and none of another text.
    let (store, tenants) = opened(&older, &[identity("small")]).expect("it opens");
    change(&tenants[0], 20..25, &[0]);
    store.close().expect("it is whole");
    let found: Vec<u32> = left.into_iter().filter(|message| *message > 0).chain(20..25).collect();
    assert_eq!(read(&older, false), Ok((found, TextLosses::default())));
}

#[test]
fn a_tenant_that_is_not_served_keeps_its_texts_and_is_told_of_its_losses_later() {
    let folder = Folder::new("store_key_tenants");
    let path = folder.path().join("store");
    let both = [identity("small"), identity("second")];
    let (store, tenants) = opened(&path, &both).expect("it opens");
    change(&tenants[0], 0..3, &[]);
    change(&tenants[1], 0..5, &[]);
    store.close().expect("it is whole");
    assert_eq!(read(&path, true), Ok((vec![0, 1, 2], TextLosses::default())));
    fs::remove_file(path.join("keys")).expect("it is there");
    let (found, losses) = read(&path, true).expect("all else is there");
    assert_eq!((found, losses.total()), (vec![], 3));
    let (store, tenants) = opened(&path, &both).expect("it opens");
    let (texts, losses) = tenants[1].stored().and_then(|stored| stored.texts()).expect("it is whole");
    assert_eq!((texts.len(), losses.total()), (0, 5));
    drop(tenants);
    store.close().expect("it is whole");
}

#[cfg(unix)]
#[test]
fn a_file_of_keys_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("store_key_open");
    let path = folder.path().join("store");
    make(&path);
    let mode = fs::metadata(path.join("keys")).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    fs::set_permissions(path.join("keys"), fs::Permissions::from_mode(0o640)).expect("it is ours");
    let error = read(&path, true).expect_err("others can read it");
    assert!(error.to_string().contains("chmod 600 ") && error.to_string().contains("/keys"), "{error}");
}

#[test]
fn a_server_that_has_lost_keys_says_so_and_answers_all_else() {
    let hand = Hand::of(Served::start(
        "store_keys_server",
        Some(FORMS),
        &["--paused", "--control-token", TOKEN, "--store", "store"],
    ));
    for phone in ["banner", "full", "used"] {
        to_device(&hand, phone);
    }
    hand.advance("3s");
    let snapshot = |hand: &Hand| hand.get("/snapshot").is(200).json()["stations"].take();
    let before = snapshot(&hand);
    let whole = |form: &str| vec![(json!(form), json!(TITLE), json!(BODY))];
    let gone = |form: &str| vec![(json!(form), Value::Null, Value::Null)];
    let (folder, running) = (hand.served.folder.path().join("store"), &hand.served.running);
    assert!(!running.said().contains("gone"), "{}", running.said());
    // The place of the second key has that of the third.
    let mut bytes = fs::read(folder.join("keys")).expect("it is there");
    bytes.copy_within(2 * SLOT..3 * SLOT, SLOT);
    fs::write(folder.join("keys"), bytes).expect("it can be written");
    let hand = Hand::of(hand.served.killed_and_again());
    let line = "--store: `forms`: 1 text of a message is gone: their keys in the file `keys` are damaged or are those of \
                other texts; all else is there";
    assert!(hand.served.running.said().contains(line), "{}", hand.served.running.said());
    let screens = |hand: &Hand| ["banner", "full", "used"].map(|phone| screen(hand, phone));
    assert_eq!(screens(&hand), [whole("banner"), gone("lock_full"), whole("in_app")]);
    assert_eq!((snapshot(&hand), hand.figure(KEPT)), (before.clone(), 2));
    fs::remove_file(folder.join("keys")).expect("it is there");
    let hand = Hand::of(hand.served.killed_and_again());
    let line = "--store: `forms`: 2 texts of messages are gone: the file `keys` is not there; all else is there";
    assert!(hand.served.running.said().contains(line), "{}", hand.served.running.said());
    assert_eq!(screens(&hand), [gone("banner"), gone("lock_full"), gone("in_app")]);
    assert_eq!((snapshot(&hand), hand.figure(KEPT)), (before, 0));
    to_device(&hand, "full");
    hand.advance("3s");
    let hand = Hand::of(hand.served.killed_and_again());
    assert!(!hand.served.running.said().contains("gone"), "it was told: {}", hand.served.running.said());
    assert_eq!(screen(&hand, "full"), [gone("lock_full"), whole("lock_full")].concat());
}
