//! Why a pair was not shown, as a sentence for people, and what helps. Must not judge, and must not count.

/// Why a pair was not shown, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlainCause {
    /// A sentence, without its capital letter and its full stop.
    pub(crate) sentence: String,
    /// The remedy, as a sentence too.
    pub(crate) remedy: &'static str,
}

/// Every cause of the record, with its sentence and its remedy. The causes of losses by a fault are the fault's names.
pub const PLAIN_CAUSES: [(&str, &str, &str); 19] = [
    (
        "skipped/unsupported_platform",
        "Macs and PCs get no custom notifications",
        "reach these people on a phone, or in another way",
    ),
    (
        "skipped/unsupported_enrolment",
        "the Android has no personal work profile",
        "enrol it with one: since 2025 no other gets messages",
    ),
    (
        "skipped/not_enrolled",
        "the sender sees the device as not enrolled",
        "enrol it; the directory shows that after a while",
    ),
    ("skipped/enrolled_by_another", "another user enrolled the device", "let its own user enrol it"),
    ("skipped/app_missing", "no app that shows messages is installed", "install Company Portal or the Intune app"),
    (
        "blocked/play_services",
        "the Android has no Google Play Services",
        "reach these people in another way; nothing else helps",
    ),
    ("blocked/force_stopped", "the Android app was force-stopped", "it gets messages again when its user opens it"),
    ("blocked/battery", "battery optimisation stopped the app", "exempt the app from battery optimisation"),
    (
        "blocked/app_removed",
        "the app was removed after the send",
        "install it again; what was sent meanwhile does not come back",
    ),
    ("blocked/permission", "the phone does not allow notifications", "allow them for the app in the phone's settings"),
    ("lost/gateway", "the gateway lost the message", "send what matters twice: nothing tells the sender of a loss"),
    ("waiting/capacity", "it still queued at the gateway", "a longer run shows it; fewer messages at once are faster"),
    (
        "waiting/outage",
        "the gateway was still down at the end",
        "it arrives when the gateway is back, unless it expires before",
    ),
    ("waiting/in_transit", "it was still on its way at the end", "a longer run shows it"),
    (
        "waiting/offline",
        "the phone was offline until the end",
        "it arrives when the phone comes online, unless it expires before",
    ),
    ("waiting/doze", "the phone dozed until the end", "it arrives in the phone's next maintenance window"),
    (
        "superseded",
        "a newer message took its place",
        "the last message is the one that arrives: put everything into it",
    ),
    ("discarded", "FCM had stored too many for the phone", "send less to phones that are offline for long"),
    ("expired", "it expired before the phone came online", "send again when the phone is back"),
];

/// The cause of the record, in plain words.
pub(crate) fn plain_cause(words: &str) -> PlainCause {
    let known = PLAIN_CAUSES.iter().find(|(cause, ..)| *cause == words);
    match (known, words.split_once('/')) {
        (Some((_, sentence, remedy)), _) => PlainCause { sentence: (*sentence).to_owned(), remedy },
        (None, Some(("lost", fault))) => PlainCause {
            sentence: format!("the fault {fault} lost it"),
            remedy: "send what matters twice: nothing tells the sender of a loss",
        },
        // A record of another version may have others.
        (None, _) => PlainCause { sentence: words.to_owned(), remedy: "–" },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use strum::VariantArray as _;

    use super::*;
    use crate::rules::service::journey::{BlockCause, SkipCause, Station, WaitCause};

    #[test]
    fn every_cause_of_the_model_has_a_sentence_and_a_remedy() {
        let skipped = SkipCause::VARIANTS.iter().map(|cause| format!("skipped/{}", cause.name()));
        let blocked = BlockCause::VARIANTS.iter().map(|cause| format!("blocked/{}", cause.name()));
        let waiting = WaitCause::VARIANTS.iter().map(|cause| format!("waiting/{}", cause.name()));
        let alone = ["superseded", "discarded", "expired", "lost/gateway"].map(str::to_owned);
        let all: BTreeSet<String> = skipped.chain(blocked).chain(waiting).chain(alone).collect();
        let known: BTreeSet<String> = PLAIN_CAUSES.iter().map(|(cause, ..)| (*cause).to_owned()).collect();
        assert_eq!(all, known);
        let stations: BTreeSet<&str> = Station::VARIANTS.iter().map(|station| station.name()).collect();
        let fits = |(_, sentence, remedy): &(&str, &str, &str)| sentence.len() <= 42 && remedy.len() <= 66;
        assert!(PLAIN_CAUSES.iter().all(fits), "a console shows them whole");
        assert!(PLAIN_CAUSES.iter().all(|(cause, ..)| stations.contains(cause.split('/').next().unwrap_or(cause))));
    }

    #[test]
    fn a_fault_that_loses_messages_is_named() {
        assert_eq!(plain_cause("lost/leak").sentence, "the fault leak lost it");
    }
}
