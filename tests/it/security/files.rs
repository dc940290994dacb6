//! Risk: another user of the machine reads a key or a token, or changes who may do what.
#![cfg(unix)]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::Folder;

const TOKEN: &str = "0123456789abcdef";

fn with_mode(folder: &Folder, name: &str, text: &str, mode: u32) {
    folder.write(name, text);
    set_mode(folder, name, mode);
}

fn set_mode(folder: &Folder, name: &str, mode: u32) {
    std::fs::set_permissions(folder.path().join(name), Permissions::from_mode(mode)).expect("it is ours");
}

/// The state folder of a server that has run once.
fn started_once(name: &str) -> Folder {
    let served = Served::start(name, Some(TENANT), &[]);
    served.running.terminate();
    served.running.end().exits(0);
    served.folder
}

#[test]
fn a_state_folder_is_made_for_its_owner_and_refused_for_others() {
    let folder = started_once("security_state");
    let mode = |name: &str| {
        let about = std::fs::metadata(folder.path().join(name)).expect("it is there");
        about.permissions().mode() & 0o777
    };
    assert_eq!((mode("state"), mode("state/signing-key.pem"), mode("state/control-token")), (0o700, 0o600, 0o600));
    for wrong in [0o755, 0o750, 0o701] {
        set_mode(&folder, "state", wrong);
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["token", "--as", "administrator"]] {
            let ended = folder.run(&[command, &["--state", "state"]].concat());
            assert!(ended.code == Some(2) || ended.code == Some(1), "{ended:?}");
            assert!(ended.err.contains("chmod 700 state"), "{wrong:o}: {}", ended.err);
        }
    }
    set_mode(&folder, "state", 0o700);
    for file in ["state/signing-key.pem", "state/control-token"] {
        for wrong in [0o644, 0o604, 0o620, 0o602] {
            set_mode(&folder, file, wrong);
            let ended = folder.run(&["serve", "--state", "state", "--listen", "127.0.0.1:0"]).exits(2);
            assert!(ended.err.contains(&format!("chmod 600 {file}")), "{wrong:o}: {}", ended.err);
        }
        set_mode(&folder, file, 0o600);
    }
}

#[test]
fn files_of_tokens_and_clients_are_refused_with_the_remedy() {
    let folder = Folder::new("security_files");
    let serve = |more: &[&str]| {
        let arguments = [&["serve", "--state", "state", "--listen", "127.0.0.1:0"], more].concat();
        folder.run(&arguments).exits(2).err
    };
    for wrong in [0o644, 0o604, 0o620] {
        with_mode(&folder, "tokens", TOKEN, wrong);
        assert!(serve(&["--control-token-file", "tokens"]).contains("chmod 600 tokens"), "{wrong:o}");
    }
    for (text, said) in [
        ("short", "tokens: not a list of control tokens: a token has at least 16 characters"),
        ("", "a token has at least 16 characters"),
        (r#"[{"name":"ann","role":"read","token":"0123456789"}]"#, "`ann`: a token has at least 16 characters"),
    ] {
        with_mode(&folder, "tokens", text, 0o600);
        let told = serve(&["--control-token-file", "tokens"]);
        assert!(told.contains(said) && told.contains("openssl rand -hex 16"), "{text}: {told}");
    }
    assert!(serve(&["--control-token-file", "nowhere"]).contains("cannot read nowhere"));
    with_mode(&folder, "clients.json", "[]", 0o666);
    assert!(serve(&["--clients", "clients.json"]).contains("chmod o-w clients.json"));
    with_mode(&folder, "issuer.json", "{}", 0o646);
    assert!(serve(&["--trust-issuer", "issuer.json"]).contains("chmod o-w issuer.json"));
    with_mode(&folder, "audit.log", "", 0o644);
    assert!(serve(&["--audit-log", "audit.log"]).contains("chmod 600 audit.log"));
    with_mode(&folder, "state/control-token", "short", 0o600);
    let told = serve(&[]);
    assert!(told.contains("at least 16 characters") && told.contains("remove it"), "{told}");
}
