//! Risk: a store that cannot be used is used, or changed, or refused without a word on what to do.

use std::fs;

use crate::control::hand::{TENANT, TOKEN};
use crate::fixtures::caller::Served;
use crate::fixtures::program::{Folder, Said};

/// Starts a server on the store `store` of a folder, which must refuse it; returns what it says.
fn refused(folder: &Folder, more: &[&str]) -> String {
    let arguments = [&["serve", "--state", "state", "--listen", "127.0.0.1:0", "--store", "store"], more].concat();
    let Said { err, .. } = folder.run(&arguments).exits(2);
    err
}

#[cfg(unix)]
fn private(folder: &Folder) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.path().join("store");
    fs::create_dir_all(&path).expect("it can be made");
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).expect("it is ours");
}

#[test]
fn a_second_server_another_scenario_and_another_seed_are_refused() {
    let served =
        Served::start("store_refused", Some(TENANT), &["--paused", "--control-token", TOKEN, "--store", "store"]);
    let said = refused(&served.folder, &["--scenario", "scenario.toml"]);
    assert!(said.contains("store is in use by another process: one store has one server"), "{said}");
    let (folder, running) = (served.folder, served.running);
    running.terminate();
    running.end().exits(0);
    let before = fs::read(folder.path().join("store/store.db")).expect("it is there");
    folder.write("other.toml", &TENANT.replace("attention = \"10m\"", "attention = \"11m\""));
    let said = refused(&folder, &["--scenario", "other.toml"]);
    assert!(said.contains("has the tenant `hand` with another scenario"), "{said}");
    assert!(said.contains("(- attention = \"10m\" · + attention = \"11m\")"), "{said}");
    let said = refused(&folder, &["--scenario", "scenario.toml", "--seed", "2"]);
    assert!(said.contains("another seed (1 in the store)"), "{said}");
    assert_eq!(fs::read(folder.path().join("store/store.db")).expect("it is there"), before, "nothing was changed");
    // With another tenant beside it, it goes on.
    folder.write("second.toml", &TENANT.replace("name = \"hand\"", "name = \"second\""));
    let more = ["--scenario", "second.toml", "--scenario", "scenario.toml"];
    let arguments = [&["serve", "--state", "state", "--listen", "127.0.0.1:0", "--store", "store"], &more[..]].concat();
    let mut both = folder.start(&arguments);
    both.wait_for("Graph at http://");
    both.terminate();
    both.end().exits(0);
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let folder = Folder::new("store_foreign");
    private(&folder);
    folder.write("store/letter.txt", "dear");
    let said = refused(&folder, &[]);
    assert!(said.contains("is not a store of Reveille (it has letter.txt, and no store.db)"), "{said}");
    assert!(said.contains("give --store a new or empty folder"), "{said}");
    assert_eq!(fs::read_dir(folder.path().join("store")).expect("it is there").count(), 1, "nothing was added");

    folder.write(
        "store/store.db",
        "no database, but longer than the first bytes of one: ..................................",
    );
    let said = refused(&folder, &[]);
    assert!(said.contains("can be read or written by other users"), "{said}");
    let _ = fs::remove_dir_all(folder.path().join("store"));

    folder.write("store", "a file");
    let said = refused(&folder, &[]);
    assert!(said.contains("--store"), "{said}");
}
