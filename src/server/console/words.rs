//! The words of the model in each language: stations, causes, forms, kinds of faults, steps of an explanation. Closed enums are
//! matched whole, so that a word that lacks a language does not compile. Must not decide anything.

use maud::{Markup, html};
use strum::VariantArray as _;

use super::language::Language;
use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::population::traits::{App, Enrollment, LockScreen};
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{BlockCause, Form, SkipCause, Station, WaitCause};

/// The one of both that is of the language.
const fn of(language: Language, english: &'static str, french: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::French => french,
    }
}

/// The station with this name; the names come from stations.
pub(super) fn station_of(name: &str) -> Station {
    name.parse().unwrap_or(Station::Waiting)
}

/// A sign beside a station, so that colour is not the only one.
pub(super) fn station_mark(station: Station) -> Markup {
    let sign = match station {
        Station::Shown => "●",
        Station::Waiting => "◌",
        Station::Skipped => "–",
        Station::Blocked => "■",
        Station::Lost => "✕",
        Station::Superseded | Station::Discarded => "▽",
        Station::Expired => "◔",
    };
    html! { span class={ "mark " (station.name()) } aria-hidden="true" { (sign) } }
}

pub(super) const fn station(language: Language, station: Station) -> &'static str {
    match station {
        Station::Skipped => of(language, "skipped", "ignorées"),
        Station::Blocked => of(language, "blocked on the phone", "bloquées sur le téléphone"),
        Station::Lost => of(language, "lost", "perdues"),
        Station::Waiting => of(language, "waiting", "en attente"),
        Station::Superseded => of(language, "superseded by a newer one", "remplacées par une plus récente"),
        Station::Discarded => of(language, "discarded by the gateway", "abandonnées par la passerelle"),
        Station::Expired => of(language, "expired", "expirées"),
        Station::Shown => of(language, "shown", "affichées"),
    }
}

/// Where pairs are, with their cause and how they were shown.
pub(super) fn journey(language: Language, at: Station, cause: Option<&str>, form: Option<&str>) -> String {
    described(language, station(language, at), (at, cause, form))
}

/// What has become of one message on one phone, likewise.
pub(super) fn outcome(language: Language, at: Station, cause: Option<&str>, form: Option<&str>) -> String {
    let what = if at == Station::Waiting { "still_waiting" } else { at.name() };
    described(language, step(language, what), (at, cause, form))
}

/// These words, and what the cause or the form adds to them.
fn described(language: Language, words: &str, (at, cause, form): (Station, Option<&str>, Option<&str>)) -> String {
    let detail = match at {
        Station::Skipped => cause
            .and_then(|cause| named(SkipCause::VARIANTS, SkipCause::name, cause))
            .map(|cause| skipped(language, cause)),
        Station::Blocked => cause
            .and_then(|cause| named(BlockCause::VARIANTS, BlockCause::name, cause))
            .map(|cause| blocked(language, cause)),
        Station::Waiting => cause
            .and_then(|cause| named(WaitCause::VARIANTS, WaitCause::name, cause))
            .map(|cause| waits_for(language, cause)),
        Station::Shown => {
            form.and_then(|form| named(Form::VARIANTS, Form::name, form)).map(|form| shown(language, form))
        }
        Station::Lost | Station::Superseded | Station::Discarded | Station::Expired => None,
    };
    let detail = detail.map(str::to_owned).or_else(|| cause.map(|cause| lost_to(language, cause)));
    detail.map_or_else(|| words.to_owned(), |detail| format!("{words}{}{detail}", language.colon()))
}

/// What lost a copy: the gateway itself, or a fault by its name.
fn lost_to(language: Language, cause: &str) -> String {
    match cause {
        "gateway" => of(language, "by the gateway itself", "par la passerelle elle-même").to_owned(),
        fault => format!("{} {}", of(language, "fault", "panne"), super::parts::short(fault, 80)),
    }
}

fn named<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, wanted: &str) -> Option<T> {
    all.iter().copied().find(|one| name(*one) == wanted)
}

const fn skipped(language: Language, cause: SkipCause) -> &'static str {
    match cause {
        SkipCause::UnsupportedPlatform => of(
            language,
            "its platform gets no custom notifications",
            "sa plateforme ne reçoit pas de notifications personnalisées",
        ),
        SkipCause::UnsupportedEnrolment => {
            of(language, "its kind of enrolment gets none", "son type d’inscription n’en reçoit pas")
        }
        SkipCause::NotEnrolled => {
            of(language, "not enrolled as the sender sees it", "non inscrit, d’après l’expéditeur")
        }
        SkipCause::EnrolledByAnother => of(language, "enrolled by another user", "inscrit par un autre utilisateur"),
        SkipCause::AppMissing => of(language, "the app is not installed", "l’application n’est pas installée"),
    }
}

const fn blocked(language: Language, cause: BlockCause) -> &'static str {
    match cause {
        BlockCause::PlayServices => of(language, "no working Play Services", "pas de Play Services en état"),
        BlockCause::ForceStopped => of(language, "the app is force-stopped", "l’application est arrêtée de force"),
        BlockCause::Battery => of(language, "battery optimisation", "optimisation de la batterie"),
        BlockCause::AppRemoved => of(language, "the app was removed", "l’application a été retirée"),
        BlockCause::Permission => {
            of(language, "notifications are not allowed", "les notifications ne sont pas autorisées")
        }
    }
}

const fn waits_for(language: Language, cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::Capacity => {
            of(language, "its turn in the gateway's queue", "son tour dans la file de la passerelle")
        }
        WaitCause::Outage => of(language, "the end of an outage", "la fin d’une panne"),
        WaitCause::InTransit => of(language, "its arrival at the phone", "son arrivée au téléphone"),
        WaitCause::Offline => of(language, "the phone to come online", "la connexion du téléphone"),
        WaitCause::Doze => of(language, "the phone's maintenance window", "la fenêtre de maintenance du téléphone"),
    }
}

/// What a pair waits for, by its name.
pub(super) fn wait_word(language: Language, cause: &str) -> &'static str {
    named(WaitCause::VARIANTS, WaitCause::name, cause).map_or("–", |cause| waits_for(language, cause))
}

const fn shown(language: Language, form: Form) -> &'static str {
    match form {
        Form::Banner => of(language, "banner", "bannière"),
        Form::LockFull => of(language, "whole text on the lock screen", "texte entier sur l’écran de verrouillage"),
        Form::LockHidden => {
            of(language, "without its text on the lock screen", "sans son texte sur l’écran de verrouillage")
        }
        Form::NotificationCentre => {
            of(language, "only in the notification centre", "seulement dans le centre de notifications")
        }
        Form::InApp => of(language, "inside the open app", "dans l’application ouverte"),
        Form::Stub => of(language, "only “update the app”", "seulement « mettez l’application à jour »"),
    }
}

/// What would help, for a help desk.
pub(super) fn remedy(language: Language, at: Station, cause: Option<&str>) -> &'static str {
    match at {
        Station::Shown => of(language, "It arrived.", "Elle est arrivée."),
        Station::Waiting => of(language, "It may still be shown.", "Elle peut encore s’afficher."),
        Station::Lost => of(
            language,
            "It was lost on its way and is not sent again: send a new one.",
            "Elle s’est perdue en route et n’est pas renvoyée : envoyez-en une nouvelle.",
        ),
        Station::Superseded | Station::Discarded => of(
            language,
            "The gateway keeps few messages for a phone that is offline: send it again when the phone is online.",
            "La passerelle garde peu de messages pour un téléphone hors ligne : renvoyez-la quand il est en ligne.",
        ),
        Station::Expired => of(
            language,
            "The phone was not reached in time: send it again.",
            "Le téléphone n’a pas été joint à temps : renvoyez-la.",
        ),
        Station::Skipped => match cause.and_then(|cause| named(SkipCause::VARIANTS, SkipCause::name, cause)) {
            Some(SkipCause::UnsupportedPlatform | SkipCause::UnsupportedEnrolment) | None => {
                of(language, "This device can never get one.", "Cet appareil ne peut jamais en recevoir.")
            }
            Some(SkipCause::NotEnrolled | SkipCause::EnrolledByAnother) => of(
                language,
                "Let its own user enrol the device.",
                "Faites inscrire l’appareil par son propre utilisateur.",
            ),
            Some(SkipCause::AppMissing) => of(
                language,
                "Install Company Portal on the device.",
                "Installez le Portail d’entreprise sur l’appareil.",
            ),
        },
        Station::Blocked => match cause.and_then(|cause| named(BlockCause::VARIANTS, BlockCause::name, cause)) {
            Some(BlockCause::Permission) | None => of(
                language,
                "Let the user allow notifications of Company Portal.",
                "Demandez à l’utilisateur d’autoriser les notifications du Portail d’entreprise.",
            ),
            Some(BlockCause::PlayServices) => {
                of(language, "The phone needs Google Play Services.", "Le téléphone a besoin de Google Play Services.")
            }
            Some(BlockCause::ForceStopped) => {
                of(language, "Let the user open the app.", "Demandez à l’utilisateur d’ouvrir l’application.")
            }
            Some(BlockCause::Battery) => of(
                language,
                "Exempt the app from battery optimisation.",
                "Exemptez l’application de l’optimisation de la batterie.",
            ),
            Some(BlockCause::AppRemoved) => {
                of(language, "Install Company Portal again.", "Réinstallez le Portail d’entreprise.")
            }
        },
    }
}

pub(super) const fn class(language: Language, class: AudienceClass) -> &'static str {
    match class {
        AudienceClass::Member => of(language, "member of the groups", "membre des groupes"),
        AudienceClass::LateJoiner => of(language, "joined after the send, caught up", "arrivé après l’envoi, rattrapé"),
        AudienceClass::StaleMember => {
            of(language, "has left, the service does not know yet", "parti, le service ne le sait pas encore")
        }
        AudienceClass::StaleDevice => {
            of(language, "unenrolled, the service does not know yet", "désinscrit, le service ne le sait pas encore")
        }
    }
}

pub(super) const fn platform(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "iOS",
        Platform::Ipados => "iPadOS",
        Platform::Android => "Android",
        Platform::Macos => "macOS",
        Platform::Windows => "Windows",
    }
}

pub(super) const fn gateway(gateway: GatewayName) -> &'static str {
    match gateway {
        GatewayName::Apns => "APNs",
        GatewayName::Fcm => "FCM",
    }
}

pub(super) const fn enrollment(language: Language, kind: Enrollment) -> &'static str {
    match kind {
        Enrollment::PersonalWorkProfile => of(language, "personal work profile", "profil professionnel personnel"),
        Enrollment::FullyManaged => of(language, "fully managed", "entièrement géré"),
        Enrollment::CorporateWorkProfile => of(language, "corporate work profile", "profil professionnel d’entreprise"),
        Enrollment::Dedicated => of(language, "dedicated", "dédié"),
        Enrollment::Aosp => "AOSP",
    }
}

pub(super) const fn app(language: Language, app: App) -> &'static str {
    match app {
        App::CompanyPortal => of(language, "Company Portal", "Portail d’entreprise"),
        App::Intune => of(language, "Microsoft Intune app", "application Microsoft Intune"),
        App::Both => of(language, "Company Portal and Microsoft Intune", "Portail d’entreprise et Microsoft Intune"),
        App::None => of(language, "neither app", "aucune des deux applications"),
    }
}

pub(super) const fn lock_screen(language: Language, shows: LockScreen) -> &'static str {
    match shows {
        LockScreen::Full => of(language, "shows notifications", "affiche les notifications"),
        LockScreen::Hidden => of(language, "hides their content", "masque leur contenu"),
        LockScreen::Off => of(language, "shows none", "n’en affiche aucune"),
    }
}

/// A kind of fault; its own word if it is new.
pub(super) fn fault_kind(language: Language, kind: &str) -> &'static str {
    match kind {
        "outage" => of(language, "gateway outage", "panne de passerelle"),
        "loss" => of(language, "losses", "pertes"),
        "delay" => of(language, "delays", "retards"),
        "duplicate" => of(language, "duplicates", "doublons"),
        "throttle" => of(language, "throttled gateway", "passerelle ralentie"),
        "offline" => of(language, "phones offline", "téléphones hors ligne"),
        "play_services_down" => of(language, "Play Services down", "Play Services en panne"),
        "permission_revoked" => of(language, "notifications forbidden", "notifications interdites"),
        "app_removed" => of(language, "app removed", "application retirée"),
        "directory_lag" => of(language, "slow directory", "annuaire lent"),
        "crash" => of(language, "actors crash", "plantages d’acteurs"),
        "stall" => of(language, "actors stall", "acteurs bloqués"),
        _ => of(language, "another kind", "un autre genre"),
    }
}

/// A key of a fault; its own word where the languages have none.
pub(super) fn fault_key(language: Language, key: &str) -> String {
    let word = match key {
        "name" => of(language, "Name", "Nom"),
        "for" => of(language, "Lasts", "Durée"),
        "every" => of(language, "Comes again every", "Revient tous les"),
        "ramp" => of(language, "Grows for", "Croît pendant"),
        "rate" => of(language, "Rate", "Taux"),
        "delay" => of(language, "Delay", "Retard"),
        "mode" => of(language, "Mode", "Mode"),
        "correlation" => of(language, "Length of a burst", "Longueur d’une rafale"),
        "actors" => of(language, "Actors", "Acteurs"),
        "platform" => of(language, "Platform", "Plateforme"),
        "gateway" => of(language, "Gateway", "Passerelle"),
        "cohort" => of(language, "Cohort", "Cohorte"),
        "labels" => of(language, "Labels", "Étiquettes"),
        "devices" => of(language, "Devices", "Appareils"),
        "pick" => of(language, "Share of them", "Part d’entre eux"),
        other => return other.to_owned(),
    };
    word.to_owned()
}

/// A span that the clock jumps by.
pub(super) fn span_word(language: Language, span: &str) -> String {
    crate::scenario::duration_ms(span).map_or_else(|_| span.to_owned(), |ms| language.span(ms))
}

/// A step of an explanation, by its word.
pub(super) fn step(language: Language, what: &str) -> &'static str {
    match what {
        "accepted" => of(language, "The service accepts the message", "Le service accepte le message"),
        "refused" => of(language, "The service refuses the message", "Le service refuse le message"),
        "in_audience" => of(language, "The device is in the audience", "L’appareil est dans l’audience"),
        "not_in_audience" => of(language, "The device is not in the audience", "L’appareil n’est pas dans l’audience"),
        "joined" => of(language, "The user joins the group", "L’utilisateur entre dans le groupe"),
        "left" => of(language, "The user leaves the group", "L’utilisateur quitte le groupe"),
        "enrolled" => of(language, "The device is enrolled", "L’appareil est inscrit"),
        "unenrolled" => of(language, "The device is unenrolled", "L’appareil est désinscrit"),
        "skipped" => of(language, "It is skipped", "Elle est ignorée"),
        "reopened" => of(language, "It sets out after all", "Elle part finalement"),
        "queued" => of(language, "It is in the queue of the gateway", "Elle est dans la file de la passerelle"),
        "held" => of(language, "An outage holds it", "Une panne la retient"),
        "gateway_refused" => of(language, "The gateway refuses it", "La passerelle la refuse"),
        "fault_loss" => of(language, "Does a fault lose it?", "Une panne la perd-elle ?"),
        "gateway_loss" => of(language, "Does the gateway lose it?", "La passerelle la perd-elle ?"),
        "delayed" => of(language, "A fault delays it", "Une panne la retarde"),
        "sets_out" => of(language, "It is on its way to the phone", "Elle est en route vers le téléphone"),
        "duplicated" => of(language, "Is it doubled?", "Est-elle doublée ?"),
        "set_by_hand" => of(language, "The phone is set by hand", "Le téléphone est réglé à la main"),
        "offline" => of(language, "The phone is offline", "Le téléphone est hors ligne"),
        "stored" | "stored_already" => of(language, "The gateway stores it", "La passerelle la garde"),
        "released" => of(
            language,
            "The phone is online: the gateway sends it",
            "Le téléphone est en ligne : la passerelle l’envoie",
        ),
        "dozing" => of(language, "The phone dozes", "Le téléphone somnole"),
        "arrived" => of(language, "It arrives at the phone", "Elle arrive au téléphone"),
        "attention" => of(language, "Does the user dismiss it?", "L’utilisateur la masque-t-il ?"),
        "exposed" => of(language, "Another app could read it", "Une autre application a pu la lire"),
        "dismissed" => of(language, "It is dismissed", "Elle est masquée"),
        "phone_changed" => of(language, "Something changes on the phone", "Quelque chose change sur le téléphone"),
        "still_waiting" => of(language, "It still waits", "Elle attend encore"),
        "blocked" => of(language, "The phone does not show it", "Le téléphone ne l’affiche pas"),
        "lost" => of(language, "It is lost", "Elle est perdue"),
        "superseded" => of(language, "A newer message takes its place", "Un message plus récent prend sa place"),
        "discarded" => of(language, "The gateway discards it", "La passerelle l’abandonne"),
        "expired" => of(language, "It expires", "Elle expire"),
        "shown" => of(language, "It is shown", "Elle s’affiche"),
        _ => of(language, "Another step", "Une autre étape"),
    }
}
